// One chunk of an operand as scaled integers, sixteen rows (of a) or columns (of b) at a time: a strip.
//
//   words    [group of terms][slice][row]     a word holds one slice of a row's next terms, four of 8 bits or two of 16
//   scale    [row]                            2^(e-10)
//   start    [row]                            of a: where the row's sums begin
//
//               a          b                  S = 256 hi hi' + hi lo' + lo hi', summed
//   Pairs       hi, lo     q', hi'            = hi q' + lo hi'
//   Quads       hi, lo     hi'+128, lo'+128   for units that multiply unsigned by signed bytes: what 128 adds is taken
//                                             off at the start, -128 (256 hi + lo + hi) a term
//   DotQuads    hi, lo     hi', lo'           for units that multiply signed bytes
//   TileQuads   hi, lo     hi', lo'           for AMX: sixteen groups of a slice are a tile, [group][row], of a
//                                             [row][group], and terms up to a whole tile are zeros
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "matmul.h"
#include "matmul_pack.h"
#include "simd.h"

namespace gw::GW_ISA {

constexpr std::size_t kStripRows = 16;

enum class Operand { a, b };

struct Pairs {
  static constexpr std::size_t kGroup = 2, kPaddedTo = 2;  // terms
  static constexpr bool kIsInTiles = false, kAddsOffset = false;
};
struct Quads {
  static constexpr std::size_t kGroup = 4, kPaddedTo = 4;
  static constexpr bool kIsInTiles = false, kAddsOffset = true;
};
struct DotQuads {
  static constexpr std::size_t kGroup = 4, kPaddedTo = 4;
  static constexpr bool kIsInTiles = false, kAddsOffset = false;
};
constexpr std::size_t kTileGroups = 16;
template <class UnitOfTiles>
struct TileQuads {
  using Unit = UnitOfTiles;
  static constexpr std::size_t kGroup = 4, kPaddedTo = 4 * kTileGroups;
  static constexpr bool kIsInTiles = true, kAddsOffset = false;
};

template <class Words>
std::size_t groups_of(std::size_t num_terms) {
  return quotient_up(num_terms, Words::kPaddedTo) * (Words::kPaddedTo / Words::kGroup);
}

template <class Words>
struct Strip {
  std::uint32_t words[kChunk / Words::kGroup * 2 * kStripRows];
  float scale[kStripRows];
  std::uint32_t start[kStripRows];

  // A slice of a group, of all rows.
  std::uint32_t* at(std::size_t group, std::size_t slice) { return words + place(group, slice); }
  const std::uint32_t* at(std::size_t group, std::size_t slice) const { return words + place(group, slice); }

 private:
  static std::size_t place(std::size_t group, std::size_t slice) {
    if (!Words::kIsInTiles) return (2 * group + slice) * kStripRows;
    return ((group / kTileGroups * 2 + slice) * kTileGroups + group % kTileGroups) * kStripRows;
  }
};

// Rows of an operand from some row and some term on: row i's term k lies at data[i * stride + k], or side by side with
// its neighbours at data[k * stride + i].
struct Rows {
  const float* data;
  std::size_t stride;
  bool are_side_by_side;
};

// Of a strip's rows one term each. By vectors: a call of memmove would cost more than the copy.
inline void copy_side_by_side(const float* from, std::size_t num_rows, float* to) {
  for (std::size_t i = 0; i < num_rows; i += Vec::kLanes) {
    const std::size_t rest = num_rows - i;
    if (rest >= Vec::kLanes)
      Vec::load(from + i).store(to + i);
    else
      Vec::load_first(from + i, static_cast<int>(rest)).store_first(to + i, static_cast<int>(rest));
  }
}

// Sixteen rows side by side in x_KS, zeros for rows and terms that there are not.
inline void gather(const Rows& rows, std::size_t num_rows, std::size_t num_k, std::size_t padded_k, float* x_KS) {
  if (num_rows < kStripRows || num_k < padded_k) std::fill_n(x_KS, padded_k * kStripRows, 0.0f);
  std::size_t k = 0;
  if (rows.are_side_by_side) {
    for (; k < num_k; ++k) copy_side_by_side(rows.data + k * rows.stride, num_rows, x_KS + k * kStripRows);
    return;
  }
  if (num_rows == kStripRows)
    for (; k + 16 <= num_k; k += 16) transpose_16x16(rows.data + k, rows.stride, x_KS + k * kStripRows, kStripRows);
  for (; k < num_k; ++k)
    for (std::size_t i = 0; i < num_rows; ++i) x_KS[k * kStripRows + i] = rows.data[i * rows.stride + k];
}

// Of the largest |x| by its bits. From kUp below the next power of two on, rint(x 2^(14-e)) is above 32639.
struct PowerOfTwo {
  explicit PowerOfTwo(std::uint32_t max_bits) {
    constexpr std::uint32_t kUp = 0x10100, kInfinity = 0x7F800000, kMinBiased = 127 - 112;
    const std::uint32_t biased = std::max((max_bits + kUp) >> 23, kMinBiased);
    multiplier = std::bit_cast<float>((127 + 14 + 127 - biased) << 23);
    scale = max_bits < kInfinity ? std::bit_cast<float>((biased - 10) << 23) : std::numeric_limits<float>::quiet_NaN();
  }
  float multiplier;  // 2^(14-e)
  float scale;       // 2^(e-10)
};

inline Int high_slice(Int q) { return (q + Int::set(128)) >> 8; }

inline Int word_of_16(Int first, Int second) { return (first & Int::set(0xFFFF)) | (second << 16); }
inline Int word_of_8(Int a, Int b, Int c, Int d) {
  const Int byte = Int::set(0xFF);
  return ((a & byte) | ((b & byte) << 8)) | (((c & byte) << 16) | (d << 24));
}

// The two words of a group of terms.
template <class Words, Operand kOperand>
inline void words_of(const Int (&q)[2], Int& first, Int& second) {
  const Int hi0 = high_slice(q[0]), hi1 = high_slice(q[1]);
  first = kOperand == Operand::a ? word_of_16(hi0, hi1) : word_of_16(q[0], q[1]);
  second = kOperand == Operand::a ? word_of_16(q[0] - (hi0 << 8), q[1] - (hi1 << 8)) : word_of_16(hi0, hi1);
}
template <class Words, Operand kOperand>
inline void words_of(const Int (&q)[4], Int& first, Int& second) {
  constexpr bool kIsOffset = Words::kAddsOffset && kOperand == Operand::b;
  const Int offset = Int::set(kIsOffset ? static_cast<std::int32_t>(0x80808080) : 0);
  first = word_of_8(high_slice(q[0]), high_slice(q[1]), high_slice(q[2]), high_slice(q[3])) ^ offset;
  second = word_of_8(q[0], q[1], q[2], q[3]) ^ offset;
}

// Some rows of a strip, a lane each, from the terms side by side.
template <class Words, Operand kOperand>
inline void quantize_lanes(const float* x_KS, std::size_t num_groups, std::size_t first_row, Strip<Words>& strip) {
  constexpr std::size_t kGroup = Words::kGroup;
  Int maxima[2] = {Int::set(0), Int::set(0)};  // two, because each comparison waits for the one before
  for (std::size_t k = 0; k < num_groups * kGroup; k += 2)
    for (std::size_t i = 0; i < 2; ++i)
      maxima[i] = larger(maxima[i], bits_of(abs(Vec::load(x_KS + (k + i) * kStripRows))));
  std::uint32_t max_bits[Vec::kLanes];
  float multipliers[Vec::kLanes];
  larger(maxima[0], maxima[1]).store(max_bits);
  for (std::size_t i = 0; i < Vec::kLanes; ++i) {
    const PowerOfTwo power(max_bits[i]);
    multipliers[i] = power.multiplier;
    strip.scale[first_row + i] = power.scale;
  }

  const Vec multiplier = Vec::load(multipliers), rounder = Vec::set(0x1.8p23f);
  Int total = Int::set(0);  // of q + hi
  for (std::size_t g = 0; g < num_groups; ++g) {
    Int q[kGroup], first, second;
    for (std::size_t i = 0; i < kGroup; ++i) {
      const Vec x = Vec::load(x_KS + (g * kGroup + i) * kStripRows);
      q[i] = bits_of(x * multiplier + rounder) - bits_of(rounder);
      if (Words::kAddsOffset && kOperand == Operand::a) total = total + (q[i] + high_slice(q[i]));
    }
    words_of<Words, kOperand>(q, first, second);
    first.store(strip.at(g, 0) + first_row);
    second.store(strip.at(g, 1) + first_row);
  }
  (Int::set(0) - (total << 7)).store(strip.start + first_row);
}

// Turns the tiles of a strip of a from [group][row] to [row][group].
template <class Words>
inline void turn_tiles(std::size_t num_groups, Strip<Words>& strip) {
  alignas(64) float tile[kTileGroups * kStripRows];
  for (std::size_t g = 0; g < num_groups; g += kTileGroups)
    for (std::size_t slice = 0; slice < 2; ++slice) {
      std::memcpy(tile, strip.at(g, slice), sizeof tile);
      transpose_16x16(tile, kStripRows, reinterpret_cast<float*>(strip.at(g, slice)), kTileGroups);
    }
}

// A strip of at most sixteen rows and one chunk's terms. x_KS: room for a chunk of sixteen rows.
template <class Words, Operand kOperand>
inline void quantize(const Rows& rows, std::size_t num_rows, std::size_t num_k, float* x_KS, Strip<Words>& strip) {
  const std::size_t num_groups = groups_of<Words>(num_k);
  gather(rows, num_rows, num_k, num_groups * Words::kGroup, x_KS);
  for (std::size_t i = 0; i < kStripRows; i += Vec::kLanes)
    quantize_lanes<Words, kOperand>(x_KS + i, num_groups, i, strip);
  if constexpr (Words::kIsInTiles && kOperand == Operand::a) turn_tiles(num_groups, strip);
}

// Rows of a as columns of b, where b is a transposed.
inline void as_columns(const Strip<Quads>& a, Strip<Quads>& b) {
  const Int offset = Int::set(static_cast<std::int32_t>(0x80808080));
  constexpr std::size_t kNumWords = sizeof(a.words) / sizeof(std::uint32_t);
  for (std::size_t i = 0; i < kNumWords; i += Vec::kLanes) (Int::load(a.words + i) ^ offset).store(b.words + i);
  std::copy_n(a.scale, kStripRows, b.scale);
}

}  // namespace gw::GW_ISA
