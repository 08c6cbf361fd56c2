#include "pool.h"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "float_mode.h"

namespace gw {
namespace {

// Look this many times before sleeping: kernels follow each other within microseconds.
constexpr int kSpins = 2000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void run_task(const TaskBody& body, std::size_t task) {
  body(task);
  if (!FloatMode::is_exact()) throw std::logic_error("a kernel changed its thread's floating-point mode");
}

// The owner publishes a job and opens it. Threads that come while it is open join, take tasks until none are left
// and leave. The owner works too, then closes the job and waits for those inside alone.
//
//   state_ = job number | open? | how many are inside
class Pool {
 public:
  explicit Pool(int num_threads) {
    try {
      while (size() < num_threads) workers_.emplace_back([this] { work(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  ~Pool() { stop(); }

  int size() const { return static_cast<int>(workers_.size()) + 1; }
  bool is_running() const { return is_running_; }

  void run(std::size_t num_tasks, const TaskBody& body) {
    is_running_ = true;
    job_ = {&body, num_tasks};
    next_.store(0, std::memory_order_relaxed);
    failure_ = nullptr;
    {
      std::lock_guard lock(mutex_);
      state_.store((job_number(state_.load(std::memory_order_relaxed)) + 1) * kJob | kOpen, std::memory_order_release);
    }
    wake_.notify_all();
    drain();
    state_.fetch_and(~kOpen, std::memory_order_relaxed);
    for (int i = 0; num_inside(state_.load(std::memory_order_acquire)) != 0; ++i)
      i < kSpins ? relax() : std::this_thread::yield();
    is_running_ = false;
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  using State = std::uint32_t;
  static constexpr State kOpen = 1 << 10, kJob = 1 << 11;
  static_assert(kMaxThreads < kOpen);
  static State num_inside(State state) { return state & (kOpen - 1); }
  static State job_number(State state) { return state / kJob; }

  struct Job {
    const TaskBody* body;
    std::size_t num_tasks;
  };

  void drain() {
    const FloatMode mode;
    try {
      for (;;) {
        const std::size_t task = next_.fetch_add(1, std::memory_order_relaxed);
        if (task >= job_.num_tasks) return;
        run_task(*job_.body, task);
      }
    } catch (...) {
      next_.store(job_.num_tasks, std::memory_order_relaxed);
      std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  static bool has_news(State state, State seen) { return (state & kOpen) != 0 && job_number(state) != seen; }

  // Until a job is published, which may be over by the time this thread is awake: then it looks for the next as busily
  // as before, or it would sleep through a row of short ones. False where the pool ends.
  bool sleep(State seen) {
    std::unique_lock lock(mutex_);
    const State last = job_number(state_.load(std::memory_order_relaxed));
    wake_.wait(lock, [&] {
      const State state = state_.load(std::memory_order_relaxed);
      return is_stopping_ || has_news(state, seen) || job_number(state) != last;
    });
    return !is_stopping_;
  }

  void work() {
    State seen = 0;
    for (;;) {
      State state = state_.load(std::memory_order_relaxed);
      for (int i = 0; i < kSpins && !has_news(state, seen); ++i) {
        relax();
        state = state_.load(std::memory_order_relaxed);
      }
      if (!has_news(state, seen)) {
        if (!sleep(seen)) return;
        continue;
      }
      if (!state_.compare_exchange_strong(state, state + 1, std::memory_order_acquire)) continue;
      seen = job_number(state);
      drain();
      state_.fetch_sub(1, std::memory_order_release);
    }
  }

  void stop() {
    {
      std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<State> state_{0};
  std::atomic<std::size_t> next_{0};
  Job job_{};
  std::exception_ptr failure_;
  bool is_running_ = false;
  bool is_stopping_ = false;
};

thread_local std::unique_ptr<Pool> pool;

// The child of a fork has a copy of its parent's pool but none of its threads: it lets go of the pool and can never
// join it. Without this the child would wait for them when it ends.
const int fork_handler = pthread_atfork(nullptr, nullptr, [] { static_cast<void>(pool.release()); });

}  // namespace

void set_num_threads(int num_threads) {
  if (num_threads < 1 || num_threads > kMaxThreads)
    throw std::invalid_argument("num_threads: expected 1 to " + std::to_string(kMaxThreads) + ", found " +
                                std::to_string(num_threads));
  if (num_threads == 1)
    pool.reset();
  else if (!pool || pool->size() != num_threads)
    pool = std::make_unique<Pool>(num_threads);
}

int num_threads() { return pool ? pool->size() : 1; }

void parallel_for(std::size_t num_tasks, TaskBody body) {
  if (pool && !pool->is_running() && num_tasks > 1) return pool->run(num_tasks, body);
  const FloatMode mode;
  for (std::size_t task = 0; task < num_tasks; ++task) run_task(body, task);
}

}  // namespace gw
