// The innermost step of a matrix product: one tile of outputs, held in registers over one chunk of K.
//
//   b panel, [k][kPanelColumns]            a tile, by rows [i][kRowStride] or by k [k][kStepStride]
//   k |======|======|  two or more         i |--------> k
//     v                vectors a row         v
//
// Every k adds the outer product of a column of a and a row of b. A lane is one output and its FMA chain (rule 4).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "matmul.h"
#include "simd.h"
#if defined(GW_ISA_generic) && defined(__x86_64__)
#include "matmul_tile_sse2.h"
#endif

namespace gw::GW_ISA {

// kTileRows * kPanelVectors accumulators, one row of b and one broadcast of a fill the register file.
#if defined(GW_ISA_avx512)
constexpr int kTileRows = 14, kPanelVectors = 2;
#elif defined(GW_ISA_avx2)
constexpr int kTileRows = 6, kPanelVectors = 2;
#elif defined(GW_ISA_neon)
constexpr int kTileRows = 6, kPanelVectors = 4;
#else
constexpr int kTileRows = 4, kPanelVectors = 8;
#endif
constexpr int kPanelColumns = kPanelVectors * Vec::kLanes;

// Floats between the rows of an a tile: a line more than a chunk, so that rows do not share cache sets.
constexpr std::size_t kRowStride = kChunk + 16;
// Floats between the steps of an a tile that lies by k: its rows, in whole vectors.
constexpr std::size_t kStepStride = (kTileRows + Vec::kLanes - 1) / Vec::kLanes * Vec::kLanes;
// Floats that hold a tile either way.
constexpr std::size_t kTileSize = std::max(kTileRows * kRowStride, kChunk* kStepStride);

// Where a tile's sums go.
struct TileOut {
  float* data;
  std::size_t stride;  // floats between rows
  int num_columns;     // at most kPanelColumns
  bool adds;           // a later chunk: out = out + sum
};

template <int kNumRows>
using Sums = Vec[kNumRows][kPanelVectors];

// One chain of fused multiply-adds per output, from +0 in ascending k.
template <int kNumRows, bool kByRows>
void chains(const float* a, const float* b, std::size_t num_k, Sums<kNumRows>& sum) {
  for (auto& row : sum)
    for (auto& lanes : row) lanes = Vec::set(0.0f);

#pragma GCC unroll 2
  for (std::size_t k = 0; k < num_k; ++k) {
    Vec b_k[kPanelVectors];
    for (int j = 0; j < kPanelVectors; ++j) b_k[j] = Vec::load(b + k * kPanelColumns + j * Vec::kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kNumRows; ++i) {
      const Vec a_ik = Vec::set(kByRows ? a[i * kRowStride + k] : a[k * kStepStride + i]);
      for (int j = 0; j < kPanelVectors; ++j) sum[i][j] = fma(a_ik, b_k[j], sum[i][j]);
    }
  }
}

template <int kNumRows>
void write(const Sums<kNumRows>& sum, const TileOut& out) {
  for (int i = 0; i < kNumRows; ++i) {
    for (int j = 0; j < kPanelVectors; ++j) {
      float* target = out.data + i * out.stride + j * Vec::kLanes;
      const int rest = out.num_columns - j * Vec::kLanes;
      if (rest >= Vec::kLanes)
        (out.adds ? Vec::load(target) + sum[i][j] : sum[i][j]).store(target);
      else if (rest > 0)
        (out.adds ? Vec::load_first(target, rest) + sum[i][j] : sum[i][j]).store_first(target, rest);
    }
  }
}

template <int kNumRows, bool kByRows>
void tile(const float* a, const float* b, std::size_t num_k, const TileOut& out) {
  Sums<kNumRows> sum;
  bool is_done = false;
#if defined(GW_ISA_generic) && defined(__x86_64__)
  is_done = true;
  for (int i = 0; is_done && i < kNumRows; ++i)
    is_done = kByRows ? imitated_chains<kPanelColumns>(a + i * kRowStride, 1, b, num_k, &sum[i][0].v)
                      : imitated_chains<kPanelColumns>(a + i, kStepStride, b, num_k, &sum[i][0].v);
#endif
  if (!is_done) chains<kNumRows, kByRows>(a, b, num_k, sum);
  write<kNumRows>(sum, out);
}

using Tile = void (*)(const float* a, const float* b, std::size_t num_k, const TileOut& out);

template <bool kByRows, int... kRows>
constexpr std::array<Tile, sizeof...(kRows)> tiles(std::integer_sequence<int, kRows...>) {
  return {&tile<kRows + 1, kByRows>...};
}

// The tile of num_rows rows, 1 to kTileRows: the last rows of a matrix cost only themselves.
inline Tile tile_of(int num_rows, bool by_rows) {
  constexpr auto kSizes = std::make_integer_sequence<int, kTileRows>();
  static constexpr auto kByRows = tiles<true>(kSizes);
  static constexpr auto kByK = tiles<false>(kSizes);
  return (by_rows ? kByRows : kByK)[num_rows - 1];
}

}  // namespace gw::GW_ISA
