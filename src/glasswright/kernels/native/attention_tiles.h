// What attention and its gradient share: tiles of 64 positions, and products of tiles.
//
// Position p lies in tile p / 64 at row p % 64, whatever the call that brings it, so the causal edge is always the
// diagonal of the tile in which query and key meet. A tile of logits is kept key by query, [j][r]: queries in lanes,
// so that the softmax of a query is vertical, and its sum tree needs no shuffle.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#include "attention.h"
#include "simd.h"

namespace gw::GW_ISA {

constexpr std::size_t kTile = 64;

// Head dimension as held in tiles: whole vectors of every instruction set. What the columns beyond E hold never leaves.
inline std::size_t padded(std::size_t E) { return (E + 15) / 16 * 16; }

// The rows (or columns) first ... last - 1 of a tile.
struct Rows {
  std::size_t first, last;
};

// One thread's memory for tiles, grown when needed and handed out piece by piece.
class Scratch {
 public:
  explicit Scratch(std::size_t num_floats) {
    if (num_floats > capacity_) {
      memory_.reset(static_cast<float*>(::operator new(num_floats * sizeof(float), std::align_val_t{64})));
      capacity_ = num_floats;
    }
    next_ = memory_.get();
  }
  float* take(std::size_t num_floats) {  // a multiple of 16
    float* piece = next_;
    next_ += num_floats;
    return piece;
  }

 private:
  struct Free {
    void operator()(float* p) const { ::operator delete(p, std::align_val_t{64}); }
  };
  static inline thread_local std::unique_ptr<float, Free> memory_;
  static inline thread_local std::size_t capacity_ = 0;
  float* next_;
};

// body(e, num) for each vector of a row of E elements, of which it holds the first `num`; num is 0 in the padding.
template <class Body>
[[gnu::always_inline]] inline void for_each_vec_of_row(std::size_t E, Body&& body) {
  std::size_t e = 0;
  for (; e + Vec::kLanes <= E; e += Vec::kLanes) body(e, Vec::kLanes);
  for (; e < padded(E); e += Vec::kLanes) body(e, e < E ? static_cast<int>(E - e) : 0);
}

// tile[r][e] = source[r][e] * scale for the rows given, where row `first` of the tile is the first of the source;
// +0 in every other row.
inline void load_tile(const float* source, std::size_t stride, Rows rows, std::size_t E, float scale, float* tile) {
  const std::size_t width = padded(E);
  const Vec factor = Vec::set(scale);
  std::fill(tile, tile + rows.first * width, 0.0f);
  for (std::size_t r = rows.first; r < rows.last; ++r, source += stride)
    for_each_vec_of_row(E, [&](std::size_t e, int num) {
      const Vec x = num == Vec::kLanes ? Vec::load(source + e) : Vec::load_first(source + e, num);
      (x * factor).store(tile + r * width + e);
    });
  std::fill(tile + rows.last * width, tile + kTile * width, 0.0f);
}

// target[r][e] = tile[r][e] * scale for the rows given.
inline void store_tile(const float* tile, Rows rows, std::size_t E, float scale, float* target, std::size_t stride) {
  const Vec factor = Vec::set(scale);
  for (std::size_t r = rows.first; r < rows.last; ++r, target += stride)
    for_each_vec_of_row(E, [&](std::size_t e, int num) {
      const Vec x = Vec::load(tile + r * padded(E) + e) * factor;
      num == Vec::kLanes ? x.store(target + e) : x.store_first(target + e, num);
    });
}

// turned[e][r] = tile[r][e], four by four.
inline void transpose_tile(const float* tile, std::size_t E, float* turned) {
  typedef float Four __attribute__((vector_size(16)));
  const std::size_t width = padded(E);
  for (std::size_t e = 0; e < width; e += 4)
    for (std::size_t r = 0; r < kTile; r += 4) {
      Four row[4];
      for (int i = 0; i < 4; ++i) std::memcpy(&row[i], tile + (r + i) * width + e, sizeof(Four));
      const Four low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
      const Four low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
      const Four high01 = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
      const Four high23 = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
      const Four column[4] = {
          __builtin_shufflevector(low01, low23, 0, 1, 4, 5), __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
          __builtin_shufflevector(high01, high23, 0, 1, 4, 5), __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
      for (int i = 0; i < 4; ++i) std::memcpy(turned + (e + i) * kTile + r, &column[i], sizeof(Four));
    }
}

// The left operand of a product: element (row, k) lies at data[row * row_stride + k * k_stride].
struct Left {
  const float* data;
  std::size_t row_stride, k_stride;
};

// Which terms a row of a product takes. On the diagonal the others are absent: left out of the chain, for a product
// with zero would turn -0 into +0 and infinity into NaN.
enum class Terms {
  kAll,
  kUpToRow,  // k = 0 ... row
  kFromRow,  // k = row ... num_k - 1
};

// Where the chains of a product begin.
enum class Start {
  kZero,
  kOut,  // they go on from what `out` holds
};

// A register block holds kStrip rows by kPair (at the edge: one) vectors of outputs.
#if defined(GW_ISA_avx512) || defined(GW_ISA_neon)
constexpr std::size_t kStrip = 8;
#else
constexpr std::size_t kStrip = 4;
#endif
constexpr std::size_t kPair = 2;

template <std::size_t kVectors>
struct Block {
  Vec sum[kStrip][kVectors];

  // One term of the chains of rows [first, last); constant bounds once unrolled, so the sums stay in registers.
  [[gnu::always_inline]] void step(const float* left, std::size_t row_stride, const float* right, std::size_t first,
                                   std::size_t last) {
    Vec b[kVectors];
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kVectors; ++c) b[c] = Vec::load(right + c * Vec::kLanes);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < kStrip; ++r) {
      if (r < first || r >= last) continue;
      const Vec a = Vec::set(left[r * row_stride]);
#pragma GCC unroll 4
      for (std::size_t c = 0; c < kVectors; ++c) sum[r][c] = fma(a, b[c], sum[r][c]);
    }
  }
};

template <Terms kTerms, Start kStart, std::size_t kVectors>
inline void multiply_block(Left left, std::size_t row, const float* right, std::size_t right_stride, std::size_t num_k,
                           float* out, std::size_t out_stride) {
  const float* a = left.data + row * left.row_stride;
  Block<kVectors> block;
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kStrip; ++r)
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kVectors; ++c)
      block.sum[r][c] =
          kStart == Start::kZero ? Vec::set(0.0f) : Vec::load(out + (row + r) * out_stride + c * Vec::kLanes);

  if constexpr (kTerms == Terms::kFromRow) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kStrip; ++i)
      if (row + i < num_k)
        block.step(a + (row + i) * left.k_stride, left.row_stride, right + (row + i) * right_stride, 0, i + 1);
  }
  const std::size_t begin = kTerms == Terms::kFromRow ? row + kStrip : 0;
  const std::size_t end = kTerms == Terms::kUpToRow ? row : num_k;
  for (std::size_t k = begin; k < end; ++k)
    block.step(a + k * left.k_stride, left.row_stride, right + k * right_stride, 0, kStrip);
  if constexpr (kTerms == Terms::kUpToRow) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kStrip; ++i)
      block.step(a + (row + i) * left.k_stride, left.row_stride, right + (row + i) * right_stride, i, kStrip);
  }

#pragma GCC unroll 16
  for (std::size_t r = 0; r < kStrip; ++r)
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kVectors; ++c) block.sum[r][c].store(out + (row + r) * out_stride + c * Vec::kLanes);
}

// out[row][c] = chain over ascending k of left(row, k) * right[k][c], for the strips that hold `rows` and for
// `columns`, whose ends are multiples of 16.
template <Terms kTerms, Start kStart>
void multiply(Left left, Rows rows, const float* right, std::size_t right_stride, Rows columns, std::size_t num_k,
              float* out, std::size_t out_stride) {
  const std::size_t first = rows.first / kStrip * kStrip;
  std::size_t c = columns.first;
  for (; c + kPair * Vec::kLanes <= columns.last; c += kPair * Vec::kLanes)
    for (std::size_t row = first; row < rows.last; row += kStrip)
      multiply_block<kTerms, kStart, kPair>(left, row, right + c, right_stride, num_k, out + c, out_stride);
  for (; c < columns.last; c += Vec::kLanes)
    for (std::size_t row = first; row < rows.last; row += kStrip)
      multiply_block<kTerms, kStart, 1>(left, row, right + c, right_stride, num_k, out + c, out_stride);
}

}  // namespace gw::GW_ISA
