// What the pool promises, tried from C++ so that a sanitizer can watch. Prints nothing; exits with 1 at the first lie.
//
//   pool_check           the promises
//   pool_check racy      tasks that share a number without care: the thread sanitizer must object
#include "pool.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

namespace {

void require(bool ok, const char* claim) {
  if (ok) return;
  std::fprintf(stderr, "not so: %s\n", claim);
  std::exit(1);
}

void each_task_runs_once_and_its_writes_are_seen() {
  for (std::size_t num_tasks : {0, 1, 2, 3, 100, 1000}) {
    std::vector<int> runs(num_tasks);  // plain ints: each task has its own
    gw::parallel_for(num_tasks, [&](std::size_t task) { ++runs[task]; });
    for (int n : runs) require(n == 1, "each task runs once");
  }
}

void jobs_follow_each_other() {
  std::vector<long> sums(64);
  for (int job = 0; job < 2000; ++job) gw::parallel_for(sums.size(), [&](std::size_t task) { sums[task] += job; });
  for (long sum : sums) require(sum == 1999000, "a job sees what the one before it wrote");
}

void the_first_failure_is_rethrown_and_the_pool_lives_on() {
  for (std::size_t failing : {0, 7, 99}) {
    bool caught = false;
    try {
      gw::parallel_for(100, [&](std::size_t task) {
        if (task == failing) throw std::runtime_error("as asked");
      });
    } catch (const std::runtime_error& error) {
      caught = std::string_view(error.what()) == "as asked";
    }
    require(caught, "a task's exception reaches the caller");
    each_task_runs_once_and_its_writes_are_seen();
  }
}

void a_task_may_start_tasks() {
  std::atomic<int> runs{0};
  gw::parallel_for(8, [&](std::size_t) { gw::parallel_for(8, [&](std::size_t) { ++runs; }); });
  require(runs == 64, "tasks within tasks run");
}

void threads_with_pools_of_their_own_do_not_meet() {
  std::vector<std::thread> callers;
  for (int i = 1; i <= 4; ++i)
    callers.emplace_back([i] {
      gw::set_num_threads(i);
      jobs_follow_each_other();
    });
  for (auto& caller : callers) caller.join();
}

}  // namespace

int main(int argc, char**) {
  if (argc > 1) {
    gw::set_num_threads(2);
    int shared = 0;
    std::atomic<int> begun{0};  // relaxed, so that it orders nothing; each task waits for the other to have a thread
    gw::parallel_for(2, [&](std::size_t) {
      begun.fetch_add(1, std::memory_order_relaxed);
      while (begun.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
      ++shared;
    });
    return shared < 0;
  }
  for (int num_threads : {1, 2, 3, 8}) {
    gw::set_num_threads(num_threads);
    require(gw::num_threads() == num_threads, "the number of threads is the one set");
    each_task_runs_once_and_its_writes_are_seen();
    jobs_follow_each_other();
    the_first_failure_is_rethrown_and_the_pool_lives_on();
    a_task_may_start_tasks();
    threads_with_pools_of_their_own_do_not_meet();
  }
}
