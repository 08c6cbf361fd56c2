// A tile of sums on an x86 processor that may lack a fused multiply-add, which has to be imitated exactly.
//
//   p = a b                 exact in binary64: 24 + 24 bits fit in 53
//   s = p + c               rounded to binary64
//   c = s                   rounded again, to binary32
//
// The second rounding gives what a single one would, unless s lies halfway between two binary32 numbers (its last 29
// bits are a one and zeros), where the bits that s lost decide, or is subnormal as binary32, which has fewer bits. A
// chain that meets such an s, about one step in 2^28, is left for the plain tile to compute again with std::fma.
#pragma once

#include <emmintrin.h>

#include <cstddef>
#include <cstdint>

namespace gw::GW_ISA {

class DoubtfulSums {
 public:
  // Looks at two sums.
  void look(__m128d sums) {
    const __m128i bits = _mm_castpd_si128(sums), one = _mm_set1_epi64x(1);
    const __m128i from_half =
        _mm_and_si128(_mm_xor_si128(bits, _mm_set1_epi64x(kHalf)), _mm_set1_epi64x(2 * kHalf - 1));
    const __m128i is_half = _mm_sub_epi64(from_half, one);  // a sign bit says yes, here and below
    const __m128i size = _mm_and_si128(bits, _mm_set1_epi64x(INT64_MAX));
    const __m128i is_small = _mm_sub_epi64(size, _mm_set1_epi64x(kSmallestNormal));
    const __m128i is_zero = _mm_sub_epi64(size, one);
    found_ = _mm_or_si128(found_, _mm_or_si128(is_half, _mm_andnot_si128(is_zero, is_small)));
  }
  bool any() const { return _mm_movemask_pd(_mm_castsi128_pd(found_)) != 0; }

 private:
  static constexpr std::int64_t kHalf = std::int64_t{1} << 28;
  static constexpr std::int64_t kSmallestNormal = std::int64_t{1023 - 126} << 52;  // 2^-126 as binary64
  __m128i found_ = _mm_setzero_si128();
};

// sums[j] = the chain of a's elements, a_stride apart, with column j of b. False where a sum is in doubt.
template <int kNumColumns>
bool imitated_chains(const float* a, std::size_t a_stride, const float* b, std::size_t num_k, float* sums) {
  constexpr int kNumPairs = kNumColumns / 2;
  __m128d c[kNumPairs];
  for (__m128d& pair : c) pair = _mm_setzero_pd();
  DoubtfulSums doubtful;
  for (std::size_t k = 0; k < num_k; ++k, b += kNumColumns) {
    const __m128d a_k = _mm_set1_pd(static_cast<double>(a[k * a_stride]));
    for (int j = 0; j < kNumPairs; ++j) {
      const __m128d b_kj = _mm_cvtps_pd(_mm_castsi128_ps(_mm_loadu_si64(b + 2 * j)));
      const __m128d sum = _mm_add_pd(_mm_mul_pd(a_k, b_kj), c[j]);
      doubtful.look(sum);
      c[j] = _mm_cvtps_pd(_mm_cvtpd_ps(sum));
    }
  }
  for (int j = 0; j < kNumPairs; ++j) {
    sums[2 * j] = static_cast<float>(_mm_cvtsd_f64(c[j]));
    sums[2 * j + 1] = static_cast<float>(_mm_cvtsd_f64(_mm_unpackhi_pd(c[j], c[j])));
  }
  return !doubtful.any();
}

}  // namespace gw::GW_ISA
