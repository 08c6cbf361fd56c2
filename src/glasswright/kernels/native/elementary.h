// The functions defined in elementary.py, bit for bit: exp, log, sigmoid, tanh, erf on vectors; sin and cos on one
// number. Included only by kernel sources. The constants and the reasons are in the definition; the names match it.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "simd.h"

namespace gw::GW_ISA {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kRounder = 0x1.8p+23f;  // adding it rounds to an integer, which then sits in the low bits

constexpr float kLog2E = 0x1.715476p+0f;
constexpr float kLn2High = 0x1.63p-1f;
constexpr float kLn2Low = -0x1.bd0106p-13f;
constexpr float kExp[] = {0x1.fffffcp-2f, 0x1.55548cp-3f, 0x1.555858p-5f, 0x1.123dep-7f, 0x1.6ac754p-10f};
constexpr float kLog[] = {0x1.555554p-2f, -0x1.000228p-2f, 0x1.99a036p-3f, -0x1.547194p-3f,
                          0x1.22d41ap-3f, -0x1.0d860ap-3f, 0x1.05aba8p-3f, -0x1.39d1p-4f};
constexpr float kSin[] = {-0x1.555546p-3f, 0x1.110778p-7f, -0x1.995408p-13f};
constexpr float kCos[] = {0x1.55554ap-5f, -0x1.6c0c28p-10f, 0x1.99e80cp-16f};
constexpr float kTanh[] = {-0x1.555532p-2f, 0x1.1106f6p-3f, -0x1.b835a4p-5f, 0x1.51f8cep-6f, -0x1.750ce2p-8f};
constexpr float kErf[] = {0x1.06eba8p-3f, -0x1.81274p-2f,   0x1.ce2d5cp-4f, -0x1.b7ff9p-6f,
                          0x1.54318ep-8f, -0x1.a4d12cp-11f, 0x1.4a01d6p-14f};
constexpr float kErfTail[] = {-0x1.07385cp-3f, -0x1.4577eap-1f, -0x1.af5ba2p-4f,
                              0x1.778f2ap-6f,  -0x1.a6b872p-9f, 0x1.c35a78p-13f};

// c[0] + x (c[1] + x (c[2] + ...)), a fused multiply-add a step.
template <int kNum>
inline Vec polynomial(const float (&c)[kNum], Vec x) {
  Vec p = Vec::set(c[kNum - 1]);
#pragma GCC unroll 16
  for (int i = kNum - 2; i >= 0; --i) p = fma(p, x, Vec::set(c[i]));
  return p;
}
template <int kNum>
inline float polynomial(const float (&c)[kNum], float x) {
  float p = c[kNum - 1];
  for (int i = kNum - 2; i >= 0; --i) p = std::fma(p, x, c[i]);
  return p;
}

// x * 2^n for -252 <= n <= 254, in two exact steps of which only the last can round; AVX-512 has it as one, with one
// rounding.
inline Vec times_power_of_two(Vec x, Int n) {
#if defined(GW_ISA_avx512)
  return {_mm512_scalef_ps(x.v, _mm512_cvtepi32_ps(n.v))};
#else
  const Int half = n >> 1;
  const Vec first = from_bits((half + Int::set(127)) << 23);
  const Vec second = from_bits((n - half + Int::set(127)) << 23);
  return x * first * second;
#endif
}

// exp(x) = (high + low) 2^exponent, 0.7 <= high <= 1.5
struct ExpParts {
  Vec high, low;
  Int exponent;
};
inline ExpParts exp_parts(Vec x) {
  const Vec shifted = fma(x, Vec::set(kLog2E), Vec::set(kRounder));
  const Vec n = shifted - Vec::set(kRounder);
  const Vec r = fma(n, Vec::set(-kLn2Low), fma(n, Vec::set(-kLn2High), x));
  const Vec line = Vec::set(1.0f) + r;
  const Vec rest = fma(r * r, polynomial(kExp, r), (Vec::set(1.0f) - line) + r);
  const Vec high = line + rest;
  return {high, (line - high) + rest, bits_of(shifted) - Int::set(std::bit_cast<std::int32_t>(kRounder))};
}

inline Vec exp(Vec x) {
  x = select(Vec::set(89.0f) < x, Vec::set(89.0f), x);      // exp(89) overflows
  x = select(x < Vec::set(-104.0f), Vec::set(-104.0f), x);  // exp(-104) is nearer to 0 than to a number
  const ExpParts e = exp_parts(x);
  return times_power_of_two(e.high, e.exponent);
}

inline Vec log(Vec x) {
  const Mask is_subnormal = x < Vec::set(0x1p-126f);
  const Vec scaled = select(is_subnormal, x * Vec::set(0x1p+23f), x);
  const Int kSqrtHalf = Int::set(0x3F3504F3);
  const Int offset = bits_of(scaled) - kSqrtHalf;
  Vec e = from_bits((offset >> 23) + Int::set(std::bit_cast<std::int32_t>(kRounder))) - Vec::set(kRounder);
  e = select(is_subnormal, e - Vec::set(23.0f), e);
  const Vec f = from_bits((offset & Int::set(0x007FFFFF)) + kSqrtHalf) - Vec::set(1.0f);

  const Vec square = f * f;
  const Vec tail = fma(e, Vec::set(kLn2Low), (f * square) * polynomial(kLog, f));
  const Vec rest = fma(square, Vec::set(-0.5f), tail);
  const Vec whole = e * Vec::set(kLn2High);
  const Vec high = whole + f;
  const Vec low = (whole - high) + f;
  Vec out = high + (low + rest);

  out = select(x < Vec::set(0x1p-149f), Vec::set(-kInfinity), out);
  out = select(x < Vec::set(0.0f), Vec::set(kNaN), out);
  return select(x < Vec::set(kInfinity), out, x);
}

// (top_high + top_low) / (bottom_high + bottom_low), nearly correctly rounded
inline Vec divide_pairs(Vec top_high, Vec top_low, Vec bottom_high, Vec bottom_low) {
  const Vec reciprocal = Vec::set(1.0f) / bottom_high;
  const Vec quotient = top_high * reciprocal;
  const Vec rest = fma(-quotient, bottom_high, top_high) + fma(-quotient, bottom_low, top_low);
  return fma(rest, reciprocal, quotient);
}

inline Vec sigmoid(Vec x) {
  const Vec one = Vec::set(1.0f), zero = Vec::set(0.0f);
  const Mask is_negative = x < zero;
  const Vec size = abs(x);
  const ExpParts z = exp_parts(-select(Vec::set(104.0f) < size, Vec::set(104.0f), size));
  const Vec z_high = times_power_of_two(z.high, z.exponent);
  const Vec z_low = times_power_of_two(z.low, z.exponent);
  const Vec bottom = one + z_high;
  const Vec bottom_low = ((one - bottom) + z_high) + z_low;
  const Vec quotient =
      divide_pairs(select(is_negative, z.high, one), select(is_negative, z.low, zero), bottom, bottom_low);
  return select(is_negative, times_power_of_two(quotient, z.exponent), quotient);
}

inline Vec tanh(Vec x) {
  const Vec one = Vec::set(1.0f);
  const Vec size = abs(x);
  const Vec square = size * size;
  const Vec small = fma(size * square, polynomial(kTanh, square), size);

  const ExpParts z = exp_parts(Vec::set(-2.0f) * select(Vec::set(10.0f) < size, Vec::set(10.0f), size));
  const Vec z_high = times_power_of_two(z.high, z.exponent);
  const Vec z_low = times_power_of_two(z.low, z.exponent);
  const Vec top = one - z_high, bottom = one + z_high;
  const Vec top_low = ((one - top) - z_high) - z_low;
  const Vec bottom_low = ((one - bottom) + z_high) + z_low;
  const Vec large = divide_pairs(top, top_low, bottom, bottom_low);
  return with_sign_of(select(size < Vec::set(0.625f), small, large), x);
}

inline Vec erf(Vec x) {
  const Vec size = abs(x);
  const Vec small = fma(size, polynomial(kErf, size * size), size);
  const Vec t = select(Vec::set(4.0f) < size, Vec::set(4.0f), size);  // 1 - erf(4) is below 2^-25
  const Vec p = polynomial(kErfTail, t);
  const Vec y = fma(t, p, -t), y_low = fma(t, p, -t - y);
  const ExpParts z = exp_parts(y);
  const Vec z_high = times_power_of_two(z.high, z.exponent);
  const Vec z_low = times_power_of_two(fma(z.high, y_low, z.low), z.exponent);
  const Vec one = Vec::set(1.0f), rest = one - z_high;
  const Vec large = rest + (((one - rest) - z_high) - z_low);
  return with_sign_of(select(size < Vec::set(0.875f), small, large), x);
}

// ---- sin and cos: one number at a time, for tables

constexpr float kHalfPiHigh = 0x1.921fb6p+0f;
constexpr float kHalfPiLow = -0x1.777a5cp-25f;
constexpr float kQuarterPi = 0x1.921fb6p-1f;
// A word of zeros, then the bits of 2/pi.
constexpr std::uint32_t kTwoOverPi[] = {0x00000000, 0xA2F9836E, 0x4E441529, 0xFC2757D1,
                                        0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB};

// |x| = quadrant (pi/2) + (high + low), -pi/4 <= high <= pi/4
struct Angle {
  std::uint64_t quadrant;
  float high, low;
};
inline Angle reduce(float x) {
  const float size = std::fabs(x);
  if (size < kQuarterPi) return {0, size, 0.0f};
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(size);
  const std::uint64_t mantissa = (bits & 0x007FFFFF) | 0x00800000;
  const unsigned position = (bits >> 23) - 120;  // in kTwoOverPi: what lies before are whole turns
  const auto word = [&](unsigned k) -> std::uint64_t {
    const unsigned i = position / 32 + k;
    const std::uint64_t pair = std::uint64_t{kTwoOverPi[i]} << 32 | kTwoOverPi[i + 1];
    return pair >> (32 - position % 32) & 0xFFFFFFFF;
  };
  const std::uint64_t low = mantissa * word(2);
  const std::uint64_t middle = mantissa * word(1) + (low >> 32);
  const std::uint64_t high = mantissa * word(0) + (middle >> 32);
  const std::uint64_t turn = high << 32 | (middle & 0xFFFFFFFF);  // fraction of a full turn, in 2^-64

  const std::uint64_t quadrant = (turn + (std::uint64_t{1} << 61)) >> 62;
  const std::int64_t rest = static_cast<std::int64_t>(turn - (quadrant << 62));
  const std::uint64_t rest_size = static_cast<std::uint64_t>(rest < 0 ? -rest : rest);
  const float first = static_cast<float>(static_cast<std::int32_t>(rest_size >> 38)) * 0x1p-24f;
  const float second = static_cast<float>(static_cast<std::int32_t>(rest_size >> 14 & 0xFFFFFF)) * 0x1p-48f;
  const float third = static_cast<float>(static_cast<std::int32_t>(rest_size & 0x3FFF)) * 0x1p-62f;
  const float quarter_high = first + second;
  const float quarter_low = ((first - quarter_high) + second) + third;

  const float angle = quarter_high * kHalfPiHigh;
  const float product_low = std::fma(quarter_high, kHalfPiHigh, -angle);
  const float angle_low = product_low + std::fma(quarter_high, kHalfPiLow, quarter_low * kHalfPiHigh);
  return {quadrant, rest < 0 ? -angle : angle, rest < 0 ? -angle_low : angle_low};
}

inline float sin_of(const Angle& a) {
  const float square = a.high * a.high;
  const float low = std::fma(-0.5f * square, a.low, a.low);  // times the cosine, nearly
  return a.high + std::fma(a.high * square, polynomial(kSin, square), low);
}
inline float cos_of(const Angle& a) {
  const float square = a.high * a.high;
  const float half = 0.5f * square;
  const float whole = 1.0f - half;
  const float tail = std::fma(square * square, polynomial(kCos, square), -(a.high * a.low));
  return whole + (((1.0f - whole) - half) + tail);
}

inline float sin(float x) {
  if (!(std::fabs(x) < kInfinity)) return kNaN;
  const Angle a = reduce(x);
  const float size = a.quadrant & 1 ? cos_of(a) : sin_of(a);
  return (a.quadrant >> 1 != 0) != std::signbit(x) ? -size : size;
}
inline float cos(float x) {
  if (!(std::fabs(x) < kInfinity)) return kNaN;
  const Angle a = reduce(x);
  const float size = a.quadrant & 1 ? sin_of(a) : cos_of(a);
  return a.quadrant == 1 || a.quadrant == 2 ? -size : size;
}

}  // namespace gw::GW_ISA
