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

// The lanes of (a, b) that Source names for each lane; those of b are counted on from those of a.
template <class Source, std::size_t... kLane>
inline Vec chosen(Vec a, Vec b, std::index_sequence<kLane...>) {
  return {lanes_of<Source::of(kLane)...>(a.v, b.v)};
}
template <class Source>
inline Vec chosen(Vec a, Vec b) {
  return chosen<Source>(a, b, std::make_index_sequence<kLanes>());
}

// Each choice below is one instruction of x86-64, and needs no other register.
//
// Of each four lanes the first or the last two, by turns of a and b: kRun lanes of one, kRun of the other.
template <std::size_t kRun, bool kLast>
struct OfFours {
  static constexpr std::size_t of(std::size_t lane) {
    const std::size_t place = lane % 4 / (2 * kRun) * kRun + lane % kRun;
    return lane / 4 * 4 + place + (kLast ? 2 : 0) + (lane % (2 * kRun) < kRun ? 0 : kLanes);
  }
};
// The first or the last half of a, then that of b.
template <bool kLast>
struct Halves {
  static constexpr std::size_t of(std::size_t lane) {
    return lane % (kLanes / 2) + (kLast ? kLanes / 2 : 0) + (lane < kLanes / 2 ? 0 : kLanes);
  }
};
// Every other four lanes, from the first or the second on: those of a, then those of b.
template <bool kSecond>
struct EveryOtherFour {
  static constexpr std::size_t of(std::size_t lane) {
    const std::size_t four = lane % (kLanes / 2) / 4 * 2 + (kSecond ? 1 : 0);
    return four * 4 + lane % 4 + (lane < kLanes / 2 ? 0 : kLanes);
  }
};

template <template <bool> class Choice>
inline void exchange(Vec& a, Vec& b) {
  const Vec first = chosen<Choice<false>>(a, b);
  b = chosen<Choice<true>>(a, b);
  a = first;
}
template <bool kLast>
using Lanes = OfFours<1, kLast>;
template <bool kLast>
using Pairs = OfFours<2, kLast>;

// square[i] lane j becomes square[j] lane i: first within fours of lanes, then the fours among themselves.
inline void turn(Vec (&square)[kLanes]) {
  if constexpr (kLanes >= 4) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kLanes; i += 4) {
      Vec* four = square + i;
      exchange<Lanes>(four[0], four[1]);
      exchange<Lanes>(four[2], four[3]);
      exchange<Pairs>(four[0], four[2]);
      exchange<Pairs>(four[1], four[3]);
      std::swap(four[1], four[2]);
    }
  }
  if constexpr (kLanes >= 16) {
#pragma GCC unroll 4
    for (std::size_t c = 0; c < 4; ++c) {
      exchange<Halves>(square[c], square[4 + c]);
      exchange<Halves>(square[8 + c], square[12 + c]);
      exchange<EveryOtherFour>(square[c], square[8 + c]);
      exchange<EveryOtherFour>(square[4 + c], square[12 + c]);
      std::swap(square[4 + c], square[8 + c]);
    }
  } else if constexpr (kLanes >= 8) {
#pragma GCC unroll 4
    for (std::size_t c = 0; c < 4; ++c) exchange<EveryOtherFour>(square[c], square[4 + c]);
  }
}

// Floats of each row of b that are asked for before their turn: the time that memory takes to answer.
constexpr std::size_t kAhead = 128;
constexpr std::size_t kLine = 16;  // floats of a line of the cache

// Rows of b, which are columns of the product, from one on; those that b lacks repeat its last.
template <bool kAreAll>
struct Columns {
  const float* first;
  std::size_t num_k, num;
  const float* operator[](std::size_t i) const { return first + (kAreAll ? i : std::min(i, num - 1)) * num_k; }
};

// Adds the terms of `num` k, at most one square, to the chains of `kLanes` columns.
template <std::size_t kNumRows, bool kAreAll>
inline void add_square(const MatmulArgs& args, Columns<kAreAll> columns, std::size_t k, std::size_t num,
                       Vec (&sum)[kNumRows]) {
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

// Asks for what comes kAhead floats after k in each column, or after its end in the columns that follow.
inline void ask_ahead(const float* columns, std::size_t num_k, std::size_t k) {
  const float* ahead = columns + k + kAhead;
  if (k + kAhead >= num_k) ahead += (kLanes - 1) * num_k;
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kLanes; ++i) __builtin_prefetch(ahead + i * num_k);
}

// out[0 ... kNumRows - 1][n ... n + kLanes - 1]; columns that b lacks are not written.
template <std::size_t kNumRows, bool kAreAll>
inline void few_rows_of_lanes(const MatmulArgs& args, std::size_t n) {
  const std::size_t num = kAreAll ? kLanes : args.num_n - n;
  const Columns<kAreAll> columns{args.b + n * args.num_k, args.num_k, num};
  Vec total[kNumRows];
  for (std::size_t first = 0; first < args.num_k; first += kChunk) {
    const std::size_t end = std::min(first + kChunk, args.num_k);
    Vec sum[kNumRows];
    for (Vec& row : sum) row = Vec::set(0.0f);
    std::size_t k = first;
    for (; k + kLanes <= end; k += kLanes) {
      if (kAreAll && k % kLine == 0) ask_ahead(columns.first, args.num_k, k);
      add_square(args, columns, k, kLanes, sum);
    }
    if (k < end) add_square(args, columns, k, end - k, sum);
    for (std::size_t m = 0; m < kNumRows; ++m) total[m] = first == 0 ? sum[m] : total[m] + sum[m];
  }
  for (std::size_t m = 0; m < kNumRows; ++m) total[m].store_first(args.out + m * args.num_n + n, static_cast<int>(num));
}

template <bool kAreAll, std::size_t... kRows>
constexpr auto few_rows_kernels(std::index_sequence<kRows...>) {
  return std::array{&few_rows_of_lanes<kRows + 1, kAreAll>...};
}

// The columns n, n + 1, ... below `end` of a product of at most kFewRows rows.
inline void few_rows(const MatmulArgs& args, std::size_t begin, std::size_t end) {
  static constexpr auto kOfAll = few_rows_kernels<true>(std::make_index_sequence<kFewRows>());
  static constexpr auto kOfSome = few_rows_kernels<false>(std::make_index_sequence<kFewRows>());
  std::size_t n = begin;
  for (; n + kLanes <= end; n += kLanes) kOfAll[args.num_m - 1](args, n);
  if (n < end) kOfSome[args.num_m - 1](args, n);
}

}  // namespace gw::GW_ISA
