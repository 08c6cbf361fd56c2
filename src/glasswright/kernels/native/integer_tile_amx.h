// The innermost step of a product by integers on AMX: sixteen rows by one or two strips of columns over one chunk.
//
//   for each 64 terms      high tile, low tile of a; of each strip of b
//     hh += hi hi'         two tiles of sums a strip of columns; a chunk of either fits 32 bits
//     xx += hi lo'
//     xx += lo hi'
//   S = 256 hh + xx        fits 32 bits too, and goes the way of every other unit's sums
#pragma once

#include "amx.h"
#include "integer_strips.h"
#include "integer_tile.h"

namespace gw::GW_ISA {

template <class Unit, std::size_t kNumStrips>
void sum_in_tiles(const TileOf<TileQuads<Unit>>& it, std::uint32_t (&high)[kNumStrips][16][16],
                  std::uint32_t (&cross)[kNumStrips][16][16]) {
  Unit::template zero<0>();
  Unit::template zero<1>();
  if (kNumStrips == 2) {
    Unit::template zero<2>();
    Unit::template zero<3>();
  }
  for (std::size_t g = 0; g < it.num_groups; g += kTileGroups) {
    Unit::template load_once<4>(it.a->at(g, 0), kTileRowBytes);
    Unit::template load_once<5>(it.a->at(g, 1), kTileRowBytes);
    Unit::template load<6>(it.b[0].at(g, 0), kTileRowBytes);
    Unit::template load<7>(it.b[0].at(g, 1), kTileRowBytes);
    Unit::template add_products<0, 4, 6>();
    Unit::template add_products<1, 4, 7>();
    Unit::template add_products<1, 5, 6>();
    if (kNumStrips == 2) {
      Unit::template load<6>(it.b[1].at(g, 0), kTileRowBytes);
      Unit::template load<7>(it.b[1].at(g, 1), kTileRowBytes);
      Unit::template add_products<2, 4, 6>();
      Unit::template add_products<3, 4, 7>();
      Unit::template add_products<3, 5, 6>();
    }
  }
  Unit::template store<0>(high[0], kTileRowBytes);
  Unit::template store<1>(cross[0], kTileRowBytes);
  if (kNumStrips == 2) {
    Unit::template store<2>(high[kNumStrips - 1], kTileRowBytes);
    Unit::template store<3>(cross[kNumStrips - 1], kTileRowBytes);
  }
}

template <class Unit, std::size_t kNumStrips>
void amx_tile(const TileOf<TileQuads<Unit>>& it, std::size_t num_rows) {
  constexpr int kNumVecs = kNumStrips * kStripRows / Vec::kLanes, kVecsOfStrip = kStripRows / Vec::kLanes;
  alignas(64) std::uint32_t high[kNumStrips][16][16], cross[kNumStrips][16][16];
  sum_in_tiles<Unit, kNumStrips>(it, high, cross);
  for (std::size_t i = 0; i < num_rows; ++i) {
    Int sum[kNumVecs];
#pragma GCC unroll 4
    for (int v = 0; v < kNumVecs; ++v) {
      const std::size_t lane = v % kVecsOfStrip * Vec::kLanes;
      sum[v] = (Int::load(&high[v / kVecsOfStrip][i][lane]) << 8) + Int::load(&cross[v / kVecsOfStrip][i][lane]);
    }
    write_row(sum, it.a->scale[i], it.b, it.out.data + i * it.out.stride, it.out.num_columns, it.out.adds);
  }
}

}  // namespace gw::GW_ISA
