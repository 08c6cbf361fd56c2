// One vector type per instruction set, all with the same names. Lanes hold different outputs (rule 4), so the
// width can never matter. Included only by kernel sources, which are compiled once per instruction set.
//
//   Vec::kLanes, Vec::load, Vec::load_first(p, n), Vec::set, store, store_first(p, n)
//   fma(a, b, c) = a * b + c rounded once;  + - * / sqrt are the IEEE ones
//   select(a < b, x, y): per lane (a < b) ? x : y
#pragma once

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

#endif

}  // namespace gw::GW_ISA
