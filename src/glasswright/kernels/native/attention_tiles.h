// What attention and its gradient share: tiles of 64 positions, and products of tiles.
//
// Position p lies in tile p / 64 at row p % 64, whatever the call that brings it, so what a tile of queries sees of a
// tile of keys is a band along the diagonal that their distance decides: above it is what comes later, below it what a
// window leaves out. A tile of logits is kept key by query, [j][r]: queries in lanes, so that the softmax of a query is
// vertical, and its sum tree needs no shuffle.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#include "attention.h"
#include "elementary.h"
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
      const Four low01 = lanes_of<0, 4, 1, 5>(row[0], row[1]);
      const Four low23 = lanes_of<0, 4, 1, 5>(row[2], row[3]);
      const Four high01 = lanes_of<2, 6, 3, 7>(row[0], row[1]);
      const Four high23 = lanes_of<2, 6, 3, 7>(row[2], row[3]);
      const Four column[4] = {lanes_of<0, 1, 4, 5>(low01, low23), lanes_of<2, 3, 6, 7>(low01, low23),
                              lanes_of<0, 1, 4, 5>(high01, high23), lanes_of<2, 3, 6, 7>(high01, high23)};
      for (int i = 0; i < 4; ++i) std::memcpy(turned + (e + i) * kTile + r, &column[i], sizeof(Four));
    }
}

// The left operand of a product: element (row, k) lies at data[row * row_stride + k * k_stride].
struct Left {
  const float* data;
  std::size_t row_stride, k_stride;
};

// Row r takes part with the columns r + first ... r + last - 1. The others are absent: left out of the chain, for a
// product with zero would turn -0 into +0 and infinity into NaN.
struct Band {
  std::ptrdiff_t first, last;

  bool is_all() const { return first <= -static_cast<std::ptrdiff_t>(kTile - 1) && last >= std::ptrdiff_t{kTile}; }
  Band turned() const { return {1 - last, 1 - first}; }
  // The columns below `num` of which any of the rows takes one.
  Rows columns_of(Rows rows, std::size_t num) const {
    const auto within = [&](std::ptrdiff_t c) {
      return static_cast<std::size_t>(std::clamp(c, std::ptrdiff_t{0}, static_cast<std::ptrdiff_t>(num)));
    };
    return {within(static_cast<std::ptrdiff_t>(rows.first) + first),
            within(static_cast<std::ptrdiff_t>(rows.last) - 1 + last)};
  }
};

// What the queries of one tile see of the keys of others, by positions.
class Sight {
 public:
  explicit Sight(std::size_t window) : window_(window == 0 ? kNoWindow : window) {}
  // As rows of queries and columns of keys.
  Band of_tiles(std::size_t query_tile, std::size_t key_tile) const {
    const auto distance = static_cast<std::ptrdiff_t>((query_tile - key_tile) * kTile);
    return {distance - static_cast<std::ptrdiff_t>(window_) + 1, distance + 1};
  }
  std::size_t first_key(std::size_t query) const { return query + 1 > window_ ? query + 1 - window_ : 0; }
  std::size_t last_query(std::size_t key) const { return key + window_ - 1; }

 private:
  static constexpr std::size_t kNoWindow = std::size_t{1} << 31;  // MAX_WINDOW
  std::size_t window_;
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

// The terms of a strip of rows within a band: the first rows begin before the last, and end before them.
template <std::size_t kVectors>
inline void multiply_band(Left left, std::size_t row, const Band& band, const float* right, std::size_t right_stride,
                          std::size_t num_k, Block<kVectors>& block) {
  constexpr auto kNum = static_cast<std::ptrdiff_t>(kStrip);
  const auto end_k = static_cast<std::ptrdiff_t>(num_k);
  const std::ptrdiff_t begin = static_cast<std::ptrdiff_t>(row) + band.first;
  const std::ptrdiff_t end = static_cast<std::ptrdiff_t>(row) + band.last;
  const float* a = left.data + row * left.row_stride;
  const auto step = [&](std::ptrdiff_t k, std::size_t first, std::size_t last) __attribute__((always_inline)) {
    block.step(a + k * left.k_stride, left.row_stride, right + k * right_stride, first, last);
  };
  if (end - begin < kNum) {  // a window narrower than a strip: the last rows begin after the first have ended
    for (std::ptrdiff_t k = std::max<std::ptrdiff_t>(begin, 0); k < std::min(end + kNum - 1, end_k); ++k)
      step(k, std::max<std::ptrdiff_t>(k - end + 1, 0), std::min(k - begin + 1, kNum));
    return;
  }
#pragma GCC unroll 16
  for (std::ptrdiff_t i = 0; i < kNum - 1; ++i)
    if (begin + i >= 0 && begin + i < end_k) step(begin + i, 0, i + 1);
  for (std::ptrdiff_t k = std::max<std::ptrdiff_t>(begin + kNum - 1, 0); k < std::min(end, end_k); ++k)
    step(k, 0, kStrip);
#pragma GCC unroll 16
  for (std::ptrdiff_t i = 1; i < kNum; ++i)
    if (end + i - 1 >= 0 && end + i - 1 < end_k) step(end + i - 1, i, kStrip);
}

enum class Terms { kAll, kOfBand };

template <Terms kTerms, Start kStart, std::size_t kVectors>
inline void multiply_block(Left left, std::size_t row, const Band& band, const float* right, std::size_t right_stride,
                           std::size_t num_k, float* out, std::size_t out_stride) {
  const float* a = left.data + row * left.row_stride;
  Block<kVectors> block;
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kStrip; ++r)
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kVectors; ++c)
      block.sum[r][c] =
          kStart == Start::kZero ? Vec::set(0.0f) : Vec::load(out + (row + r) * out_stride + c * Vec::kLanes);

  if constexpr (kTerms == Terms::kOfBand)
    multiply_band(left, row, band, right, right_stride, num_k, block);
  else
    for (std::size_t k = 0; k < num_k; ++k)
      block.step(a + k * left.k_stride, left.row_stride, right + k * right_stride, 0, kStrip);

#pragma GCC unroll 16
  for (std::size_t r = 0; r < kStrip; ++r)
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kVectors; ++c) block.sum[r][c].store(out + (row + r) * out_stride + c * Vec::kLanes);
}

template <Terms kTerms, Start kStart>
void multiply_terms(Left left, Rows rows, const Band& band, const float* right, std::size_t right_stride, Rows columns,
                    std::size_t num_k, float* out, std::size_t out_stride) {
  const std::size_t first = rows.first / kStrip * kStrip;
  std::size_t c = columns.first;
  for (; c + kPair * Vec::kLanes <= columns.last; c += kPair * Vec::kLanes)
    for (std::size_t row = first; row < rows.last; row += kStrip)
      multiply_block<kTerms, kStart, kPair>(left, row, band, right + c, right_stride, num_k, out + c, out_stride);
  for (; c < columns.last; c += Vec::kLanes)
    for (std::size_t row = first; row < rows.last; row += kStrip)
      multiply_block<kTerms, kStart, 1>(left, row, band, right + c, right_stride, num_k, out + c, out_stride);
}

// out[row][c] = chain over ascending k of left(row, k) * right[k][c], for the strips that hold `rows` and for
// `columns`, whose ends are multiples of 16.
inline void multiply(Left left, Rows rows, const float* right, std::size_t right_stride, Rows columns,
                     std::size_t num_k, float* out, std::size_t out_stride) {
  multiply_terms<Terms::kAll, Start::kZero>(left, rows, {}, right, right_stride, columns, num_k, out, out_stride);
}

// The chains go on from what `out` holds, each with the terms that lie in the band.
inline void multiply_onto(Left left, Rows rows, const Band& band, const float* right, std::size_t right_stride,
                          Rows columns, std::size_t num_k, float* out, std::size_t out_stride) {
  if (band.is_all())
    multiply_terms<Terms::kAll, Start::kOut>(left, rows, {}, right, right_stride, columns, num_k, out, out_stride);
  else
    multiply_terms<Terms::kOfBand, Start::kOut>(left, rows, band, right, right_stride, columns, num_k, out, out_stride);
}

// A chain's number with the cap on it (attention.py, step 1).
inline Vec capped(Vec x, Vec soft_cap) { return soft_cap * tanh(x / soft_cap); }

}  // namespace gw::GW_ISA
