// Calls of kernels, kept to be played again on the same memory.
//
// While a thread records, each kernel that Python calls is run and kept with its arguments: pointers and sizes, no
// numbers. Played, the calls run in their order, on the threads and the instruction set of that moment. Whoever has a
// tape keeps the memory that it points to.
#pragma once

#include <functional>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace gw {

// A thread that records was asked for what a tape cannot hold.
struct NotPlayable : std::logic_error {
  using std::logic_error::logic_error;
};

class Tape {
 public:
  // Until stop(), every kernel that this thread runs is kept. Throws NotPlayable where it records already.
  void record();
  // No more is kept; nothing happens where this tape does not record.
  void stop();
  // Throws NotPlayable while the thread records.
  void play() const;

  std::size_t size() const { return calls_.size(); }
  void keep(std::function<void()> call) { calls_.push_back(std::move(call)); }
  ~Tape() { stop(); }

 private:
  std::vector<std::function<void()>> calls_;
};

// The tape that this thread records, or null.
Tape* recorded_tape();

// Throws NotPlayable while this thread records: an answer that Python has acted upon cannot be played.
void require_not_recording();

template <class Kernel, class Args>
void run(Kernel kernel, const Args& args) {
  static_assert(std::is_trivially_copyable_v<Args>, "a tape keeps pointers and sizes");
  kernel(args);
  if (Tape* tape = recorded_tape()) tape->keep([kernel, args] { kernel(args); });
}

}  // namespace gw
