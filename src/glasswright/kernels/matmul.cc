// The matrix products defined in matmul.py, bit for bit: blocks for the caches, tiles for the registers.
//
//   for each block of columns          b's panels of one chunk stay in the second-level cache
//     for each chunk of K
//       for each tile of rows          a's tile stays in the first-level cache
//         for each panel of columns    one tile of outputs in registers, see native/matmul_tile.h
#include "native/matmul.h"

#include <algorithm>

#include "native/matmul_pack.h"
#include "native/matmul_tile.h"
#include "native/pool.h"
#include "native/scratch.h"

namespace gw::GW_ISA {
namespace {

// Columns of b packed at once: with a chunk of K, 512 KiB of panels.
constexpr std::size_t kBlockColumns = 256;
// A block of fewer rows than this would spend too much of its time packing b.
constexpr std::size_t kMinBlockRows = 128;
// Blocks per thread: enough that a thread which was held up does not hold up the others.
constexpr std::size_t kBlocksPerThread = 3;

std::size_t quotient_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

// The i-th of num_parts nearly equal parts of [0, n), in steps of whole units.
struct Range {
  std::size_t begin, end;
  std::size_t size() const { return end - begin; }
};
Range part(std::size_t n, std::size_t unit, std::size_t num_parts, std::size_t i) {
  const std::size_t num_units = quotient_up(n, unit);
  return {std::min(n, num_units * i / num_parts * unit), std::min(n, num_units * (i + 1) / num_parts * unit)};
}

thread_local Scratch panels_scratch, tile_scratch;

void pack_panels(const MatmulArgs& args, Range columns, Range ks, float* panels) {
  if (args.layout != Layout::nt)
    return pack_panels_from_kn(args.b + ks.begin * args.num_n + columns.begin, args.num_n, columns.size(), ks.size(),
                               panels);
  for (std::size_t n = columns.begin; n < columns.end; n += kPanelColumns, panels += ks.size() * kPanelColumns)
    pack_panel_from_nk(args.b + n * args.num_k + ks.begin, args.num_k, columns.end - n, ks.size(), panels);
}

void pack_tile(const MatmulArgs& args, Range rows, Range ks, float* tile) {
  if (args.layout == Layout::tn)
    pack_tile_from_km(args.a + ks.begin * args.num_m + rows.begin, args.num_m, static_cast<int>(rows.size()),
                      ks.size(), tile);
  else
    pack_tile_from_mk(args.a + rows.begin * args.num_k + ks.begin, args.num_k, static_cast<int>(rows.size()),
                      ks.size(), tile);
}

// One chunk's sums for one block of outputs.
void chunk(const MatmulArgs& args, Range rows, Range columns, Range ks) {
  float* panels = panels_scratch.floats(quotient_up(columns.size(), kPanelColumns) * kPanelColumns * kChunk);
  float* a_tile = tile_scratch.floats(kTileRows * kRowStride);
  pack_panels(args, columns, ks, panels);

  const std::size_t num_tiles = quotient_up(rows.size(), kTileRows);
  for (std::size_t t = 0; t < num_tiles; ++t) {
    const Range offset = part(rows.size(), 1, num_tiles, t);
    const Range tile_rows{rows.begin + offset.begin, rows.begin + offset.end};
    std::size_t n = columns.begin;
    if (args.is_symmetric) n = std::max(n, tile_rows.begin / kPanelColumns * kPanelColumns);
    if (n >= columns.end) continue;

    pack_tile(args, tile_rows, ks, a_tile);
    const Tile run_tile = tile_of(static_cast<int>(tile_rows.size()), args.layout != Layout::tn);
    for (; n < columns.end; n += kPanelColumns) {
      const TileOut out{args.out + tile_rows.begin * args.num_n + n, args.num_n,
                        static_cast<int>(std::min<std::size_t>(kPanelColumns, columns.end - n)),
                        ks.begin > 0 || args.adds_to_out};
      run_tile(a_tile, panels + (n - columns.begin) * ks.size(), ks.size(), out);
    }
  }
}

// The lower triangle from the upper, by squares of 16.
void mirror(const MatmulArgs& args) {
  const std::size_t side = args.num_m;
  parallel_for(quotient_up(side, 16), [&](std::size_t task) {
    const std::size_t m = task * 16;
    if (m + 16 <= side)
      for (std::size_t n = 0; n < m; n += 16)
        transpose_16x16(args.out + n * side + m, side, args.out + m * side + n, side);
    for (std::size_t i = m; i < std::min(m + 16, side); ++i)
      for (std::size_t n = m + 16 <= side ? m : 0; n < i; ++n) args.out[i * side + n] = args.out[n * side + i];
  });
}

}  // namespace

void matmul(const MatmulArgs& args) {
  if (args.num_k == 0 && !args.adds_to_out) std::fill_n(args.out, args.num_m * args.num_n, 0.0f);
  if (args.num_m == 0 || args.num_n == 0 || args.num_k == 0) return;

  const std::size_t num_column_blocks = quotient_up(args.num_n, kBlockColumns);
  std::size_t num_row_blocks = 1;
  if (num_threads() > 1) {
    const std::size_t wanted = quotient_up(kBlocksPerThread * num_threads(), num_column_blocks);
    num_row_blocks = std::clamp<std::size_t>(args.num_m / kMinBlockRows, 1, wanted);
  }
  parallel_for(num_column_blocks * num_row_blocks, [&](std::size_t task) {
    const Range columns = part(args.num_n, kPanelColumns, num_column_blocks, task / num_row_blocks);
    const Range rows = part(args.num_m, 1, num_row_blocks, task % num_row_blocks);
    for (std::size_t k = 0; k < args.num_k; k += kChunk) chunk(args, rows, columns, {k, std::min(args.num_k, k + kChunk)});
  });
  if (args.is_symmetric) mirror(args);
}

}  // namespace gw::GW_ISA
