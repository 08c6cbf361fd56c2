// Rule 1: round to nearest even, subnormals kept. Saved, set and restored around kernel work on every thread,
// because a fast-math library loaded by anyone can switch flush-to-zero on for the process.
#pragma once

#include <cstdint>

namespace gw {

// The bits of this thread's control registers that arithmetic obeys, as far as they differ from rule 1; 0 is rule 1.
//
//   x86-64    MXCSR: DAZ 0x40, rounding 0x6000, FTZ 0x8000; the rounding of the x87 control word, by which C's strtod
//             and printf go, 16 bits further up: 0x0C000000. fesetround sets both roundings.
//   aarch64   FPCR: FIZ, AH, NEP 0x7, rounding 0xC00000, FZ 0x1000000
std::uint32_t float_mode();

// Sets those bits and leaves the others as they are. Throws std::invalid_argument for any other bit.
void set_float_mode(std::uint32_t mode);

// The compiler does not know that arithmetic depends on the mode. It may not move a load or store across the change,
// though ("memory"), and what a kernel computes begins with loads and ends with stores.
class FloatMode {
 public:
#if defined(__x86_64__)
  using Word = std::uint32_t;
  static constexpr Word kExact = 0x1F80;  // all exceptions masked, nearest even, no FTZ, no DAZ
  static constexpr Word kDecides = 0xE040;
  static Word get() {
    Word word;
    asm volatile("stmxcsr %0" : "=m"(word));
    return word;
  }
  static void set(Word word) { asm volatile("ldmxcsr %0" : : "m"(word) : "memory"); }
#elif defined(__aarch64__)
  using Word = std::uint64_t;
  static constexpr Word kExact = 0;  // no exception trapped, nearest even, FZ = 0, DN = 0
  static constexpr Word kDecides = 0x1C00007;
  static Word get() {
    Word word;
    asm volatile("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void set(Word word) { asm volatile("msr fpcr, %0" : : "r"(word) : "memory"); }
#else
  using Word = std::uint32_t;
  static constexpr Word kExact = 0;
  static constexpr Word kDecides = 0;
  static Word get() { return 0; }
  static void set(Word) {}
#endif

  FloatMode() : saved_(get()) { set(kExact); }
  ~FloatMode() { set(saved_); }
  FloatMode(const FloatMode&) = delete;
  FloatMode& operator=(const FloatMode&) = delete;

  // Whether this thread's arithmetic is that of rule 1 at this moment.
  static bool is_exact() { return (get() & kDecides) == 0; }

 private:
  Word saved_;
};

}  // namespace gw
