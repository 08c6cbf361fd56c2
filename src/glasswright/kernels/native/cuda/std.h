// What the headers of native/ take from the standard library, for NVRTC, which has none. Emulated, it is not read.
//
// A GPU is one more instruction set, `cuda`, of one lane a thread: simd.h's plain C++. Compiled without contraction and
// with IEEE division and square root, each of its operators is one instruction that rounds to nearest, which a test
// reads in the PTX.
#pragma once

#define INT32_MIN (-2147483647 - 1)

namespace std {

using size_t = decltype(sizeof(0));
using ptrdiff_t = long;
using int8_t = signed char;
using int32_t = int;
using int64_t = long;
using uint8_t = unsigned char;
using uint32_t = unsigned;
using uint64_t = unsigned long;

template <class To, class From>
constexpr To bit_cast(const From& x) {
  return __builtin_bit_cast(To, x);
}
inline float fma(float a, float b, float c) { return __fmaf_rn(a, b, c); }
inline float sqrt(float a) { return __fsqrt_rn(a); }
inline float fabs(float a) { return bit_cast<float>(bit_cast<uint32_t>(a) & 0x7FFFFFFFu); }
inline bool signbit(float a) { return bit_cast<uint32_t>(a) >> 31; }

template <class T>
struct numeric_limits;
template <>
struct numeric_limits<float> {
  static constexpr float infinity() { return bit_cast<float>(0x7F800000u); }
  static constexpr float quiet_NaN() { return bit_cast<float>(0x7FC00000u); }
};

}  // namespace std

// A number of which the compiler knows nothing: what follows from it is computed where it stands, not kept from before.
inline std::size_t computed_here(std::size_t x) {
  asm volatile("" : "+l"(x));
  return x;
}
