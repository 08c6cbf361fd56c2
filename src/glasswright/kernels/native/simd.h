// One vector type per instruction set, all with the same names. Lanes hold different outputs (rule 4), so the
// width can never matter. Included only by kernel sources, which are compiled once per instruction set.
//
//   Vec::kLanes, Vec::load, Vec::load_first(p, n), Vec::set, store, store_first(p, n), first_lane()
//   fma(a, b, c) = a * b + c rounded once;  + - * / sqrt are the IEEE ones
//   select(a < b, x, y): per lane (a < b) ? x : y
//   select_first(n, x, y): the first n lanes of x, then those of y
//   pair_sums(a, b): the lanes of a, then those of b, neighbours added: a0+a1, a2+a3, ..., b0+b1, ...
//   Int: as many 32-bit integers, load, store, set;  + - & | ^ wrap;  i << k, i >> k (keeps the sign)
//   larger(a, b): the larger of two integers;  nearest(Int): as floats, rounded to nearest, ties to even
//   bits_of(Vec), from_bits(Int): the same 32 bits, read the other way
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(GW_ISA_avx2) || defined(GW_ISA_avx512)
#include <immintrin.h>
#elif defined(GW_ISA_neon)
#include <arm_neon.h>
#endif

namespace gw::GW_ISA {

#if defined(GW_ISA_avx512)

struct Mask {
  __mmask16 bits;
};

struct Vec {
  static constexpr int kLanes = 16;
  __m512 v;
  static Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static Vec load_first(const float* p, int n) { return {_mm512_maskz_loadu_ps(first(n), p)}; }
  static Vec set(float x) { return {_mm512_set1_ps(x)}; }
  void store(float* p) const { _mm512_storeu_ps(p, v); }
  void store_first(float* p, int n) const { _mm512_mask_storeu_ps(p, first(n), v); }
  static __mmask16 first(int n) { return static_cast<__mmask16>((1u << n) - 1); }
};
inline Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Vec operator/(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Vec sqrt(Vec a) { return {_mm512_sqrt_ps(a.v)}; }
inline Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline Mask operator<(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline Vec select(Mask m, Vec x, Vec y) { return {_mm512_mask_blend_ps(m.bits, y.v, x.v)}; }
inline Vec select_first(int n, Vec x, Vec y) { return {_mm512_mask_blend_ps(Vec::first(n), y.v, x.v)}; }

inline float first_lane(Vec a) { return _mm512_cvtss_f32(a.v); }
inline Vec pair_sums(Vec a, Vec b) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  return {_mm512_add_ps(_mm512_permutex2var_ps(a.v, even, b.v), _mm512_permutex2var_ps(a.v, odd, b.v))};
}

struct Int {
  __m512i v;
  static Int load(const std::uint32_t* p) { return {_mm512_loadu_si512(p)}; }
  static Int set(std::int32_t x) { return {_mm512_set1_epi32(x)}; }
  void store(std::uint32_t* p) const { _mm512_storeu_si512(p, v); }
};
inline Int operator+(Int a, Int b) { return {_mm512_add_epi32(a.v, b.v)}; }
inline Int operator-(Int a, Int b) { return {_mm512_sub_epi32(a.v, b.v)}; }
inline Int operator&(Int a, Int b) { return {_mm512_and_si512(a.v, b.v)}; }
inline Int operator|(Int a, Int b) { return {_mm512_or_si512(a.v, b.v)}; }
inline Int operator^(Int a, Int b) { return {_mm512_xor_si512(a.v, b.v)}; }
inline Int operator<<(Int a, unsigned k) { return {_mm512_slli_epi32(a.v, k)}; }
inline Int operator>>(Int a, unsigned k) { return {_mm512_srai_epi32(a.v, k)}; }
inline Int larger(Int a, Int b) { return {_mm512_max_epi32(a.v, b.v)}; }
inline Vec nearest(Int a) { return {_mm512_cvtepi32_ps(a.v)}; }
inline Int bits_of(Vec a) { return {_mm512_castps_si512(a.v)}; }
inline Vec from_bits(Int a) { return {_mm512_castsi512_ps(a.v)}; }

#elif defined(GW_ISA_avx2)

struct Mask {
  __m256 bits;
};

struct Vec {
  static constexpr int kLanes = 8;
  __m256 v;
  static Vec load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static Vec load_first(const float* p, int n) { return {_mm256_maskload_ps(p, first(n))}; }
  static Vec set(float x) { return {_mm256_set1_ps(x)}; }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
  void store_first(float* p, int n) const { _mm256_maskstore_ps(p, first(n), v); }
  static __m256i first(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
};
inline Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Vec operator/(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Vec sqrt(Vec a) { return {_mm256_sqrt_ps(a.v)}; }
inline Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline Mask operator<(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
inline Vec select(Mask m, Vec x, Vec y) { return {_mm256_blendv_ps(y.v, x.v, m.bits)}; }
inline Vec select_first(int n, Vec x, Vec y) { return select({_mm256_castsi256_ps(Vec::first(n))}, x, y); }

inline float first_lane(Vec a) { return _mm256_cvtss_f32(a.v); }
inline Vec pair_sums(Vec a, Vec b) {  // hadd works within halves; the permutation puts its quarters in order
  const __m256d quarters = _mm256_castps_pd(_mm256_hadd_ps(a.v, b.v));
  return {_mm256_castpd_ps(_mm256_permute4x64_pd(quarters, 0b11'01'10'00))};
}

struct Int {
  __m256i v;
  static Int load(const std::uint32_t* p) { return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))}; }
  static Int set(std::int32_t x) { return {_mm256_set1_epi32(x)}; }
  void store(std::uint32_t* p) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
};
inline Int operator+(Int a, Int b) { return {_mm256_add_epi32(a.v, b.v)}; }
inline Int operator-(Int a, Int b) { return {_mm256_sub_epi32(a.v, b.v)}; }
inline Int operator&(Int a, Int b) { return {_mm256_and_si256(a.v, b.v)}; }
inline Int operator|(Int a, Int b) { return {_mm256_or_si256(a.v, b.v)}; }
inline Int operator^(Int a, Int b) { return {_mm256_xor_si256(a.v, b.v)}; }
inline Int operator<<(Int a, int k) { return {_mm256_slli_epi32(a.v, k)}; }
inline Int operator>>(Int a, int k) { return {_mm256_srai_epi32(a.v, k)}; }
inline Int larger(Int a, Int b) { return {_mm256_max_epi32(a.v, b.v)}; }
inline Vec nearest(Int a) { return {_mm256_cvtepi32_ps(a.v)}; }
inline Int bits_of(Vec a) { return {_mm256_castps_si256(a.v)}; }
inline Vec from_bits(Int a) { return {_mm256_castsi256_ps(a.v)}; }

#elif defined(GW_ISA_neon)

struct Mask {
  uint32x4_t bits;
};

struct Vec {
  static constexpr int kLanes = 4;
  float32x4_t v;
  static Vec load(const float* p) { return {vld1q_f32(p)}; }
  static Vec load_first(const float* p, int n) {
    float lane[4] = {};
    std::memcpy(lane, p, static_cast<std::size_t>(n) * sizeof(float));
    return {vld1q_f32(lane)};
  }
  static Vec set(float x) { return {vdupq_n_f32(x)}; }
  void store(float* p) const { vst1q_f32(p, v); }
  void store_first(float* p, int n) const {
    float lane[4];
    vst1q_f32(lane, v);
    std::memcpy(p, lane, static_cast<std::size_t>(n) * sizeof(float));
  }
};
inline Vec operator+(Vec a, Vec b) { return {vaddq_f32(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {vsubq_f32(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {vmulq_f32(a.v, b.v)}; }
inline Vec operator/(Vec a, Vec b) { return {vdivq_f32(a.v, b.v)}; }
inline Vec sqrt(Vec a) { return {vsqrtq_f32(a.v)}; }
inline Vec fma(Vec a, Vec b, Vec c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
inline Mask operator<(Vec a, Vec b) { return {vcltq_f32(a.v, b.v)}; }
inline Vec select(Mask m, Vec x, Vec y) { return {vbslq_f32(m.bits, x.v, y.v)}; }
inline Vec select_first(int n, Vec x, Vec y) {
  const std::int32_t lane[4] = {0, 1, 2, 3};
  return select({vcltq_s32(vld1q_s32(lane), vdupq_n_s32(n))}, x, y);
}

inline float first_lane(Vec a) { return vgetq_lane_f32(a.v, 0); }
inline Vec pair_sums(Vec a, Vec b) { return {vpaddq_f32(a.v, b.v)}; }

struct Int {
  int32x4_t v;
  static Int load(const std::uint32_t* p) { return {vreinterpretq_s32_u32(vld1q_u32(p))}; }
  static Int set(std::int32_t x) { return {vdupq_n_s32(x)}; }
  void store(std::uint32_t* p) const { vst1q_u32(p, vreinterpretq_u32_s32(v)); }
};
inline Int operator+(Int a, Int b) { return {vaddq_s32(a.v, b.v)}; }
inline Int operator-(Int a, Int b) { return {vsubq_s32(a.v, b.v)}; }
inline Int operator&(Int a, Int b) { return {vandq_s32(a.v, b.v)}; }
inline Int operator|(Int a, Int b) { return {vorrq_s32(a.v, b.v)}; }
inline Int operator^(Int a, Int b) { return {veorq_s32(a.v, b.v)}; }
inline Int operator<<(Int a, int k) { return {vshlq_s32(a.v, vdupq_n_s32(k))}; }
inline Int operator>>(Int a, int k) { return {vshlq_s32(a.v, vdupq_n_s32(-k))}; }
inline Int larger(Int a, Int b) { return {vmaxq_s32(a.v, b.v)}; }
inline Vec nearest(Int a) { return {vcvtq_f32_s32(a.v)}; }
inline Int bits_of(Vec a) { return {vreinterpretq_s32_f32(a.v)}; }
inline Vec from_bits(Int a) { return {vreinterpretq_f32_s32(a.v)}; }

#else  // generic: one lane of plain C++

struct Mask {
  bool bits;
};

struct Vec {
  static constexpr int kLanes = 1;
  float v;
  static Vec load(const float* p) { return {*p}; }
  static Vec load_first(const float* p, int n) { return {n > 0 ? *p : 0.0f}; }
  static Vec set(float x) { return {x}; }
  void store(float* p) const { *p = v; }
  void store_first(float* p, int n) const {
    if (n > 0) *p = v;
  }
};
inline Vec operator+(Vec a, Vec b) { return {a.v + b.v}; }
inline Vec operator-(Vec a, Vec b) { return {a.v - b.v}; }
inline Vec operator*(Vec a, Vec b) { return {a.v * b.v}; }
inline Vec operator/(Vec a, Vec b) { return {a.v / b.v}; }
inline Vec sqrt(Vec a) { return {std::sqrt(a.v)}; }
inline Vec fma(Vec a, Vec b, Vec c) { return {std::fma(a.v, b.v, c.v)}; }
inline Mask operator<(Vec a, Vec b) { return {a.v < b.v}; }
inline Vec select(Mask m, Vec x, Vec y) { return {m.bits ? x.v : y.v}; }
inline Vec select_first(int n, Vec x, Vec y) { return {n > 0 ? x.v : y.v}; }

inline float first_lane(Vec a) { return a.v; }
inline Vec pair_sums(Vec a, Vec b) { return {a.v + b.v}; }

struct Int {
  std::uint32_t v;
  static Int load(const std::uint32_t* p) { return {*p}; }
  static Int set(std::int32_t x) { return {static_cast<std::uint32_t>(x)}; }
  void store(std::uint32_t* p) const { *p = v; }
};
inline Int operator+(Int a, Int b) { return {a.v + b.v}; }
inline Int operator-(Int a, Int b) { return {a.v - b.v}; }
inline Int operator&(Int a, Int b) { return {a.v & b.v}; }
inline Int operator|(Int a, Int b) { return {a.v | b.v}; }
inline Int operator^(Int a, Int b) { return {a.v ^ b.v}; }
inline Int operator<<(Int a, int k) { return {a.v << k}; }
inline Int operator>>(Int a, int k) { return {static_cast<std::uint32_t>(static_cast<std::int32_t>(a.v) >> k)}; }
inline Int larger(Int a, Int b) {
  return {static_cast<std::int32_t>(a.v) < static_cast<std::int32_t>(b.v) ? b.v : a.v};
}
inline Vec nearest(Int a) { return {static_cast<float>(static_cast<std::int32_t>(a.v))}; }
inline Int bits_of(Vec a) { return {std::bit_cast<std::uint32_t>(a.v)}; }
inline Vec from_bits(Int a) { return {std::bit_cast<float>(a.v)}; }

#endif

// The lanes that are named; those of b are counted on from those of a.
template <int... kLane, class Lanes>
inline Lanes lanes_of(Lanes a, Lanes b) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(a, b, kLane...);
#else
  typedef int Indices __attribute__((vector_size(sizeof(Lanes))));
  return __builtin_shuffle(a, b, Indices{kLane...});
#endif
}

inline Vec abs(Vec a) { return from_bits(bits_of(a) & Int::set(0x7FFFFFFF)); }
inline Vec operator-(Vec a) { return from_bits(bits_of(a) ^ Int::set(INT32_MIN)); }
inline Vec with_sign_of(Vec magnitude, Vec a) {
  return from_bits(bits_of(magnitude) | (bits_of(a) & Int::set(INT32_MIN)));
}

}  // namespace gw::GW_ISA
