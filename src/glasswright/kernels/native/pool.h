// A small thread pool: threads decide who computes an output, never in what order it is summed.
//
// Each calling thread owns its own pool, so several leaves can be computed at once without meeting. A pool ends with
// the thread that owns it. A forked child starts without one: its threads did not come along.
#pragma once

#include <cstddef>

namespace gw {

constexpr int kMaxThreads = 512;

// How many threads (the caller included) kernels called from this thread use.
// Throws std::invalid_argument outside 1 to kMaxThreads, std::system_error where the system gives no more threads.
void set_num_threads(int num_threads);
int num_threads();

// A call of someone's function object, which must outlive it.
class TaskBody {
 public:
  template <class Body>
  TaskBody(const Body& body)
      : body_(&body), call_([](const void* b, std::size_t task) { (*static_cast<const Body*>(b))(task); }) {}
  void operator()(std::size_t task) const { call_(body_, task); }

 private:
  const void* body_;
  void (*call_)(const void*, std::size_t);
};

// Runs body(0) ... body(num_tasks - 1), each exactly once, on the caller and its pool; returns when all are done.
//
// Every task runs with round-to-nearest and subnormals kept (rule 1), whatever the process has set. The caller never
// waits for a thread that has not begun: on a busy machine it does the work itself. Inside a task, a further
// parallel_for runs on the thread that calls it. The first exception of a task is rethrown here; tasks not yet
// begun are then dropped.
void parallel_for(std::size_t num_tasks, TaskBody body);

}  // namespace gw
