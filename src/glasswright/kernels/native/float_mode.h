// Rule 1: round to nearest even, subnormals kept. Saved, set and restored around kernel work on every thread,
// because a fast-math library loaded by anyone can switch flush-to-zero on for the process.
#pragma once

#include <cstdint>

namespace gw {

// The compiler does not know that arithmetic depends on the mode. It may not move a load or store across the change,
// though ("memory"), and what a kernel computes begins with loads and ends with stores.
class FloatMode {
 public:
  FloatMode() : saved_(get()) { set(kExact); }
  ~FloatMode() { set(saved_); }
  FloatMode(const FloatMode&) = delete;
  FloatMode& operator=(const FloatMode&) = delete;

  // Whether this thread's arithmetic is that of rule 1 at this moment.
  static bool is_exact() { return ((get() ^ kExact) & kDecides) == 0; }

 private:
#if defined(__x86_64__)
  using Word = unsigned;
  static constexpr Word kExact = 0x1F80;    // all exceptions masked, nearest even, no FTZ, no DAZ
  static constexpr Word kDecides = 0xFFC0;  // all but the six flags that arithmetic itself raises
  static Word get() {
    Word word;
    asm volatile("stmxcsr %0" : "=m"(word));
    return word;
  }
  static void set(Word word) { asm volatile("ldmxcsr %0" : : "m"(word) : "memory"); }
#elif defined(__aarch64__)
  using Word = std::uint64_t;
  static constexpr Word kExact = 0;  // nearest even, FZ = 0, DN = 0
  static constexpr Word kDecides = ~Word{0};
  static Word get() {
    Word word;
    asm volatile("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void set(Word word) { asm volatile("msr fpcr, %0" : : "r"(word) : "memory"); }
#else
  using Word = int;
  static constexpr Word kExact = 0;
  static constexpr Word kDecides = 0;
  static Word get() { return 0; }
  static void set(Word) {}
#endif
  Word saved_;
};

}  // namespace gw
