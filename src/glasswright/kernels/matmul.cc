// The matrix products defined in matmul.py, bit for bit: blocks for the caches, tiles for the registers.
//
//   for each block of columns          b's panels of one chunk stay in the second-level cache
//     for each chunk of K
//       for each tile of rows          a's tile stays in the first-level cache
//         for each panel of columns    one tile of outputs in registers, see native/matmul_tile.h
#include "native/matmul.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "native/matmul_few_rows.h"
#include "native/matmul_mirror.h"
#include "native/matmul_pack.h"
#include "native/matmul_tile.h"
#include "native/pool.h"
#include "native/scratch.h"

namespace gw::GW_ISA {
namespace {

// Columns of b packed at once: with a chunk of K, 512 KiB of panels.
constexpr std::size_t kBlockColumns = 256;
// Tiles of a packed at once, so that a page of a_KM is met once for all of them.
constexpr std::size_t kGroupTiles = 4;
// A block of fewer rows than this would spend too much of its time packing b.
constexpr std::size_t kMinBlockRows = 128;
// Blocks per thread: enough that a thread which was held up does not hold up the others.
constexpr std::size_t kBlocksPerThread = 3;

// Floats of b taken at once where a has few rows: a thread that was held up holds up the others by some microseconds.
constexpr std::size_t kTakenFloats = 1 << 14;
// Runs of b that are read beside each other, one a thread.
constexpr std::size_t kMaxRuns = 64;

thread_local Scratch panels_scratch, tiles_scratch;

void pack_panels(const MatmulArgs& args, Range columns, Range ks, float* panels) {
  if (args.layout != Layout::nt)
    return pack_panels_from_kn(args.b + ks.begin * args.num_n + columns.begin, args.num_n, columns.size(), ks.size(),
                               panels);
  for (std::size_t n = columns.begin; n < columns.end; n += kPanelColumns, panels += ks.size() * kPanelColumns)
    pack_panel_from_nk(args.b + n * args.num_k + ks.begin, args.num_k, columns.end - n, ks.size(), panels);
}

void pack_tiles(const MatmulArgs& args, const Parts& tile_rows, Range ks, float* tiles) {
  if (args.layout == Layout::tn)
    pack_tiles_from_km(args.a + ks.begin * args.num_m, args.num_m, tile_rows, ks.size(), tiles);
  else
    pack_tiles_from_mk(args.a + ks.begin, args.num_k, tile_rows, ks.size(), tiles);
}

// One tile of a against every panel of b.
void row_of_tiles(const MatmulArgs& args, Range rows, Range columns, Range ks, const float* a, const float* panels) {
  const Tile run_tile = tile_of(static_cast<int>(rows.size()), args.layout != Layout::tn);
  const std::size_t diagonal = rows.begin / kPanelColumns * kPanelColumns;
  std::size_t n = args.is_symmetric ? std::max(columns.begin, diagonal) : columns.begin;
  for (; n < columns.end; n += kPanelColumns) {
    const TileOut out{args.out + rows.begin * args.num_n + n, args.num_n,
                      static_cast<int>(std::min<std::size_t>(kPanelColumns, columns.end - n)),
                      ks.begin > 0 || args.adds_to_out};
    run_tile(a, panels + (n - columns.begin) * ks.size(), ks.size(), out);
  }
}

// One chunk's sums for one block of outputs.
void chunk(const MatmulArgs& args, Range rows, Range columns, Range ks) {
  float* panels = panels_scratch.floats(quotient_up(columns.size(), kPanelColumns) * kPanelColumns * kChunk);
  float* tiles = tiles_scratch.floats(kGroupTiles * kTileSize);
  pack_panels(args, columns, ks, panels);

  const Parts groups{rows, 1, quotient_up(rows.size(), kGroupTiles * kTileRows)};
  for (std::size_t g = 0; g < groups.num; ++g) {
    if (args.is_symmetric && groups[g].begin >= columns.end) return;
    const Parts tile_rows{groups[g], 1, quotient_up(groups[g].size(), kTileRows)};
    pack_tiles(args, tile_rows, ks, tiles);
    for (std::size_t t = 0; t < tile_rows.num; ++t)
      row_of_tiles(args, tile_rows[t], columns, ks, tiles + t * kTileSize, panels);
  }
}

// Generic vectors of one lane have nothing to turn, and imitate an fma by tiles.
bool is_of_few_rows(const MatmulArgs& args) {
  return Vec::kLanes > 1 && args.layout == Layout::nt && args.num_m <= kFewRows && !args.adds_to_out &&
         !args.is_symmetric;
}

// A run of units of columns, of which any thread takes the next.
struct alignas(64) Run {
  std::atomic<std::size_t> next;
  std::size_t end;
};

// Each thread reads a run of b from front to back, as memory is fastest, and then helps with the others'. In turns,
// every piece would begin without what was asked for ahead of it.
void matmul_of_few_rows(const MatmulArgs& args) {
  const std::size_t unit = quotient_up(kTakenFloats, args.num_k * Vec::kLanes) * Vec::kLanes;
  const std::size_t num_units = quotient_up(args.num_n, unit);
  const std::size_t num_runs = std::min({static_cast<std::size_t>(num_threads()), num_units, kMaxRuns});
  const Parts units{{0, num_units}, 1, num_runs};
  std::array<Run, kMaxRuns> runs;
  for (std::size_t r = 0; r < num_runs; ++r) {
    runs[r].next.store(units[r].begin, std::memory_order_relaxed);
    runs[r].end = units[r].end;
  }
  parallel_for(num_runs, [&](std::size_t own) {
    for (std::size_t r = own; r < own + num_runs; ++r) {
      Run& run = runs[r % num_runs];
      for (std::size_t u; (u = run.next.fetch_add(1, std::memory_order_relaxed)) < run.end;)
        few_rows(args, u * unit, std::min((u + 1) * unit, args.num_n));
    }
  });
}

}  // namespace

void matmul(const MatmulArgs& args) {
  if (args.num_k == 0 && !args.adds_to_out) std::fill_n(args.out, args.num_m * args.num_n, 0.0f);
  if (args.num_m == 0 || args.num_n == 0 || args.num_k == 0) return;
  if (is_of_few_rows(args)) return matmul_of_few_rows(args);

  const std::size_t num_column_blocks = quotient_up(args.num_n, kBlockColumns);
  std::size_t num_row_blocks = 1;
  if (num_threads() > 1) {
    const std::size_t wanted = quotient_up(kBlocksPerThread * num_threads(), num_column_blocks);
    num_row_blocks = std::clamp<std::size_t>(args.num_m / kMinBlockRows, 1, wanted);
  }
  const Parts columns{{0, args.num_n}, kPanelColumns, num_column_blocks}, rows{{0, args.num_m}, 1, num_row_blocks};
  parallel_for(columns.num * rows.num, [&](std::size_t task) {
    for (std::size_t k = 0; k < args.num_k; k += kChunk)
      chunk(args, rows[task % rows.num], columns[task / rows.num], {k, std::min(args.num_k, k + kChunk)});
  });
  if (args.is_symmetric) mirror(args);
}

}  // namespace gw::GW_ISA
