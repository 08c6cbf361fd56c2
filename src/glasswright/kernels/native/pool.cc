#include "pool.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "float_mode.h"

namespace gw {
namespace {

// Spin this many times before sleeping: kernels follow each other within microseconds.
constexpr int kSpins = 2000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

class Pool {
 public:
  explicit Pool(int num_threads) {
    for (int i = 1; i < num_threads; ++i) workers_.emplace_back([this] { work(); });
  }

  ~Pool() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      generation_.fetch_add(1);
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  void run(std::size_t num_tasks, const std::function<void(std::size_t)>& body) {
    body_ = &body;
    num_tasks_ = num_tasks;
    next_.store(0, std::memory_order_relaxed);
    num_busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
    {
      std::lock_guard lock(mutex_);
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    drain();
    while (num_busy_.load(std::memory_order_acquire) != 0) relax();
  }

 private:
  void drain() {
    for (;;) {
      const std::size_t task = next_.fetch_add(1, std::memory_order_relaxed);
      if (task >= num_tasks_) return;
      (*body_)(task);
    }
  }

  void work() {
    const FloatMode mode;
    unsigned seen = 0;
    for (;;) {
      for (int i = 0; i < kSpins && generation_.load(std::memory_order_acquire) == seen; ++i) relax();
      if (generation_.load(std::memory_order_acquire) == seen) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return generation_.load(std::memory_order_acquire) != seen; });
      }
      ++seen;
      if (stopping_) return;
      drain();
      num_busy_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<unsigned> generation_{0};
  std::atomic<std::size_t> next_{0};
  std::atomic<int> num_busy_{0};
  const std::function<void(std::size_t)>* body_ = nullptr;
  std::size_t num_tasks_ = 0;
  bool stopping_ = false;
};

thread_local std::unique_ptr<Pool> pool;

}  // namespace

void set_num_threads(int num_threads) {
  if (num_threads <= 1)
    pool.reset();
  else if (!pool || pool->size() != num_threads)
    pool = std::make_unique<Pool>(num_threads);
}

int num_threads() { return pool ? pool->size() : 1; }

void parallel_for(std::size_t num_tasks, const std::function<void(std::size_t)>& body) {
  const FloatMode mode;
  if (!pool || num_tasks < 2) {
    for (std::size_t task = 0; task < num_tasks; ++task) body(task);
    return;
  }
  pool->run(num_tasks, body);
}

}  // namespace gw
