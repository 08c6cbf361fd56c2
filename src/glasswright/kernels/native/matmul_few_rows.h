// The product of a few rows with b_NK^T, straight from where b lies: decoding reads each weight once, so that a copy in
// another order would cost more than the product. Same chains, same chunks (rule 3).
//
//   b_NK  n |--> k     a square of lanes by lanes is turned in registers; then every k is one vector of n
//           v
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "matmul.h"
#include "simd.h"

namespace gw::GW_ISA {

constexpr std::size_t kLanes = Vec::kLanes;
// More rows than this are faster by tiles.
constexpr std::size_t kFewRows = 8;

template <std::size_t kHalf, std::size_t... kLane>
inline void exchange(Vec& a, Vec& b, std::index_sequence<kLane...>) {
  // Of each lane pair (lane, lane + kHalf): a keeps the first of both, b the second.
  const auto first = __builtin_shufflevector(a.v, b.v, ((kLane & kHalf) == 0 ? kLane : kLane - kHalf + kLanes)...);
  const auto second = __builtin_shufflevector(a.v, b.v, ((kLane & kHalf) == 0 ? kLane + kHalf : kLane + kLanes)...);
  a.v = first, b.v = second;
}

// square[i] lane j becomes square[j] lane i: halves change places, then the halves of each.
template <std::size_t kHalf = kLanes / 2>
inline void turn(Vec (&square)[kLanes]) {
  if constexpr (kHalf > 0) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kLanes; ++i)
      if ((i & kHalf) == 0) exchange<kHalf>(square[i], square[i + kHalf], std::make_index_sequence<kLanes>());
    turn<kHalf / 2>(square);
  }
}

// Adds the terms of `num` k, at most one square, to the chains of `kLanes` columns.
template <std::size_t kNumRows>
inline void add_square(const MatmulArgs& args, const std::array<const float*, kLanes>& columns, std::size_t k,
                       std::size_t num, Vec (&sum)[kNumRows]) {
  Vec square[kLanes];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kLanes; ++i)
    square[i] = num == kLanes ? Vec::load(columns[i] + k) : Vec::load_first(columns[i] + k, static_cast<int>(num));
  turn(square);
#pragma GCC unroll 16
  for (std::size_t j = 0; j < kLanes; ++j) {
    if (j >= num) break;
#pragma GCC unroll 8
    for (std::size_t m = 0; m < kNumRows; ++m)
      sum[m] = fma(Vec::set(args.a[m * args.num_k + k + j]), square[j], sum[m]);
  }
}

// out[0 ... kNumRows - 1][n ... n + kLanes - 1]; columns that b lacks repeat its last and are not written.
template <std::size_t kNumRows>
inline void few_rows_of_lanes(const MatmulArgs& args, std::size_t n) {
  constexpr std::size_t kAhead = kLanes * kLanes;  // as many floats as a square, from the next columns
  std::array<const float*, kLanes> columns;
  for (std::size_t i = 0; i < kLanes; ++i) columns[i] = args.b + std::min(n + i, args.num_n - 1) * args.num_k;
  const float* ahead = args.b + std::min(n + kLanes, args.num_n - 1) * args.num_k;

  Vec total[kNumRows];
  for (std::size_t first = 0; first < args.num_k; first += kChunk) {
    const std::size_t end = std::min(first + kChunk, args.num_k);
    Vec sum[kNumRows];
    for (Vec& row : sum) row = Vec::set(0.0f);
    std::size_t k = first;
    for (; k + kLanes <= end; k += kLanes, ahead += kAhead) {
      for (std::size_t i = 0; i < kAhead; i += 16) __builtin_prefetch(ahead + i);
      add_square(args, columns, k, kLanes, sum);
    }
    if (k < end) add_square(args, columns, k, end - k, sum);
    for (std::size_t m = 0; m < kNumRows; ++m) total[m] = first == 0 ? sum[m] : total[m] + sum[m];
  }
  const std::size_t num = std::min(kLanes, args.num_n - n);
  for (std::size_t m = 0; m < kNumRows; ++m) total[m].store_first(args.out + m * args.num_n + n, static_cast<int>(num));
}

template <std::size_t... kRows>
constexpr auto few_rows_kernels(std::index_sequence<kRows...>) {
  return std::array{&few_rows_of_lanes<kRows + 1>...};
}

// The columns n, n + 1, ... below `end` of a product of at most kFewRows rows.
inline void few_rows(const MatmulArgs& args, std::size_t begin, std::size_t end) {
  static constexpr auto kKernels = few_rows_kernels(std::make_index_sequence<kFewRows>());
  for (std::size_t n = begin; n < end; n += kLanes) kKernels[args.num_m - 1](args, n);
}

}  // namespace gw::GW_ISA
