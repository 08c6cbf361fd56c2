// The innermost step of a product by integers: a tile of sums in registers over one chunk, then scaled and written.
//
// No instruction here saturates. Within a chunk every partial sum of Pairs fits 32 bits; those of Quads are taken
// modulo 2^32, which the whole sum fits.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "integer_strips.h"
#include "matmul_tile.h"
#include "simd.h"

#if !defined(GW_ISA_generic)
#define GW_QUADS
#endif

namespace gw::GW_ISA {

#if defined(GW_ISA_avx512)
constexpr std::size_t kPanelStrips = 2;
constexpr int kRowsOfPairs = 8, kRowsOfQuads = 6;
#elif defined(GW_ISA_avx2)
constexpr std::size_t kPanelStrips = 1;
constexpr int kRowsOfPairs = 4, kRowsOfQuads = 3;
#elif defined(GW_ISA_neon)
constexpr std::size_t kPanelStrips = 1;
constexpr int kRowsOfPairs = 4, kRowsOfQuads = 2;
#else
constexpr std::size_t kPanelStrips = 1;
constexpr int kRowsOfPairs = 1;
#endif

// acc + the products of the two 16-bit integers in each word.
inline Int add_pairs(Int acc, Int b, Int a) {
#if defined(GW_ISA_avx512)
  return {_mm512_add_epi32(acc.v, _mm512_madd_epi16(b.v, a.v))};
#elif defined(GW_ISA_avx2)
  return {_mm256_add_epi32(acc.v, _mm256_madd_epi16(b.v, a.v))};
#elif defined(GW_ISA_neon)
  const int16x8_t b16 = vreinterpretq_s16_s32(b.v), a16 = vreinterpretq_s16_s32(a.v);
  const int32x4_t low = vmull_s16(vget_low_s16(b16), vget_low_s16(a16)), high = vmull_high_s16(b16, a16);
  return {vaddq_s32(acc.v, vpaddq_s32(low, high))};
#else
  const auto half = [](Int x, int shift) { return static_cast<std::int32_t>(x.v << shift) >> 16; };
  return acc + Int::set(half(b, 16) * half(a, 16)) + Int::set(half(b, 0) * half(a, 0));
#endif
}

template <int kNumVecs>
using IntRow = Int[kNumVecs];

template <class Words, int kNumVecs>
inline Vec column_scale(const Strip<Words>* b, int v) {
  const std::size_t n = v * Vec::kLanes;
  return Vec::load(b[n / kStripRows].scale + n % kStripRows);
}

// The words of both slices of a group, of the columns that vector v holds.
template <class Words>
inline const std::uint32_t* column_words(const Strip<Words>* b, std::size_t group, int slice, int v) {
  const std::size_t n = v * Vec::kLanes;
  return b[n / kStripRows].at(group, slice) + n % kStripRows;
}

// One row of sums, converted once and scaled twice.
template <class Words, int kNumVecs>
inline void write_row(const Int (&sum)[kNumVecs], float row_scale, const Strip<Words>* b, float* out, int num_columns,
                      bool adds) {
#pragma GCC unroll 4
  for (int v = 0; v < kNumVecs; ++v) {
    const Vec scaled = nearest(sum[v]) * Vec::set(row_scale) * column_scale<Words, kNumVecs>(b, v);
    float* target = out + v * Vec::kLanes;
    const int rest = num_columns - v * Vec::kLanes;
    if (rest >= Vec::kLanes)
      (adds ? Vec::load(target) + scaled : scaled).store(target);
    else if (rest > 0)
      (adds ? Vec::load_first(target, rest) + scaled : scaled).store_first(target, rest);
  }
}

// A tile of rows of a strip of a, from first_row on, by a panel of strips of b.
template <class Words>
struct TileOf {
  const Strip<Words>* a;
  const Strip<Words>* b;
  std::size_t num_groups;
  std::size_t first_row;
  TileOut out;
};

template <int kNumRows, std::size_t kNumStrips>
void integer_tile(const TileOf<Pairs>& it) {
  constexpr int kNumVecs = kNumStrips * kStripRows / Vec::kLanes;
  Int sum[kNumRows][kNumVecs];
  for (auto& row : sum)
    for (Int& lanes : row) lanes = Int::set(0);
  for (std::size_t g = 0; g < it.num_groups; ++g) {
    for (int slice = 0; slice < 2; ++slice) {
      Int b[kNumVecs];
#pragma GCC unroll 4
      for (int v = 0; v < kNumVecs; ++v) b[v] = Int::load(column_words(it.b, g, slice, v));
#pragma GCC unroll 16
      for (int i = 0; i < kNumRows; ++i) {
        const Int a = Int::set(static_cast<std::int32_t>(it.a->at(g, slice)[it.first_row + i]));
#pragma GCC unroll 4
        for (int v = 0; v < kNumVecs; ++v) sum[i][v] = add_pairs(sum[i][v], b[v], a);
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kNumRows; ++i)
    write_row(sum[i], it.a->scale[it.first_row + i], it.b, it.out.data + i * it.out.stride, it.out.num_columns,
              it.out.adds);
}

#if defined(GW_QUADS)
// acc + the products of the four bytes in each word; on x86 those of b are unsigned. As an instruction, because GCC 12
// copies and spills the accumulators of its intrinsic, and a set that some machines have needs no flag then.
#if defined(GW_ISA_neon)
using UnitQuads = DotQuads;
inline void add_quads(Int& acc, Int b, Int a) {
  asm(".arch armv8.2-a+dotprod\n\tsdot %0.4s, %1.16b, %2.16b" : "+w"(acc.v) : "w"(b.v), "w"(a.v));
}
#else
using UnitQuads = Quads;
inline void add_quads(Int& acc, Int b, Int a) {
#if defined(GW_ISA_avx512)
  asm("vpdpbusd %2, %1, %0" : "+v"(acc.v) : "v"(b.v), "v"(a.v));
#else
  asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(acc.v) : "x"(b.v), "x"(a.v));
#endif
}
#endif

template <int kNumRows, std::size_t kNumStrips>
void integer_tile(const TileOf<UnitQuads>& it) {
  constexpr int kNumVecs = kNumStrips * kStripRows / Vec::kLanes;
  Int high[kNumRows][kNumVecs], cross[kNumRows][kNumVecs];
#pragma GCC unroll 16
  for (int i = 0; i < kNumRows; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < kNumVecs; ++v) {
      high[i][v] = Int::set(0);
      cross[i][v] = Int::set(static_cast<std::int32_t>(it.a->start[it.first_row + i]));
    }
  for (std::size_t g = 0; g < it.num_groups; ++g) {
    Int b_hi[kNumVecs], b_lo[kNumVecs];
#pragma GCC unroll 4
    for (int v = 0; v < kNumVecs; ++v) {
      b_hi[v] = Int::load(column_words(it.b, g, 0, v));
      b_lo[v] = Int::load(column_words(it.b, g, 1, v));
    }
#pragma GCC unroll 16
    for (int i = 0; i < kNumRows; ++i) {
      const Int a_hi = Int::set(static_cast<std::int32_t>(it.a->at(g, 0)[it.first_row + i]));
      const Int a_lo = Int::set(static_cast<std::int32_t>(it.a->at(g, 1)[it.first_row + i]));
#pragma GCC unroll 4
      for (int v = 0; v < kNumVecs; ++v) {
        add_quads(high[i][v], b_hi[v], a_hi);
        add_quads(cross[i][v], b_hi[v], a_lo);
        add_quads(cross[i][v], b_lo[v], a_hi);
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kNumRows; ++i) {
    Int sum[kNumVecs];
#pragma GCC unroll 4
    for (int v = 0; v < kNumVecs; ++v) sum[v] = (high[i][v] << 8) + cross[i][v];
    write_row(sum, it.a->scale[it.first_row + i], it.b, it.out.data + i * it.out.stride, it.out.num_columns,
              it.out.adds);
  }
}
#endif

template <class Words>
using IntegerTile = void (*)(const TileOf<Words>&);

template <class Words, std::size_t kNumStrips, int... kRows>
constexpr std::array<IntegerTile<Words>, sizeof...(kRows)> integer_tiles(std::integer_sequence<int, kRows...>) {
  return {static_cast<IntegerTile<Words>>(&integer_tile<kRows + 1, kNumStrips>)...};
}

template <class Words>
constexpr int kRowsOf = kRowsOfPairs;
#if defined(GW_QUADS)
template <>
inline constexpr int kRowsOf<UnitQuads> = kRowsOfQuads;
#endif
template <class Unit>
inline constexpr int kRowsOf<TileQuads<Unit>> = kTileGroups;

// The tile of num_rows rows, 1 to kRowsOf, by a panel of num_strips, 1 to kPanelStrips.
template <class Words>
IntegerTile<Words> integer_tile_of(std::size_t num_rows, std::size_t num_strips) {
  constexpr auto kSizes = std::make_integer_sequence<int, kRowsOf<Words>>();
  static constexpr auto kOfOne = integer_tiles<Words, 1>(kSizes), kOfPanel = integer_tiles<Words, kPanelStrips>(kSizes);
  return (num_strips == 1 ? kOfOne : kOfPanel)[num_rows - 1];
}

}  // namespace gw::GW_ISA
