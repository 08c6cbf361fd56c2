#include "float_mode.h"

#include <cstdio>
#include <stdexcept>

namespace gw {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kX87Rounding = 0x0C00;
constexpr int kX87Shift = 16;

std::uint16_t x87_word() {
  std::uint16_t word;
  asm volatile("fnstcw %0" : "=m"(word));
  return word;
}
std::uint32_t x87_mode() { return std::uint32_t{x87_word()} << kX87Shift & kX87Rounding << kX87Shift; }
void set_x87_mode(std::uint32_t mode) {
  const std::uint16_t word = static_cast<std::uint16_t>((x87_word() & ~kX87Rounding) | mode >> kX87Shift);
  asm volatile("fldcw %0" : : "m"(word));
}
constexpr std::uint32_t kModes = FloatMode::kDecides | kX87Rounding << kX87Shift;
#else
std::uint32_t x87_mode() { return 0; }
void set_x87_mode(std::uint32_t) {}
constexpr std::uint32_t kModes = FloatMode::kDecides;
#endif

}  // namespace

std::uint32_t float_mode() { return static_cast<std::uint32_t>(FloatMode::get() & FloatMode::kDecides) | x87_mode(); }

void set_float_mode(std::uint32_t mode) {
  if ((mode & ~kModes) != 0) {
    char text[64];
    std::snprintf(text, sizeof text, "mode: expected bits of 0x%x, got 0x%x", static_cast<unsigned>(kModes),
                  static_cast<unsigned>(mode));
    throw std::invalid_argument(text);
  }
  FloatMode::set((FloatMode::get() & ~FloatMode::kDecides) | (mode & FloatMode::kDecides));
  set_x87_mode(mode & ~static_cast<std::uint32_t>(FloatMode::kDecides));
}

}  // namespace gw
