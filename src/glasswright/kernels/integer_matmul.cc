// The matrix products defined in integer_matmul.py, bit for bit.
//
//   for each block of rows
//     for each chunk of K
//       strips of a, quantized
//       for each group of columns        its strips of b, quantized, stay in the second-level cache
//         for each strip of a            stays in the first-level cache
//           for each panel of columns, for each tile of rows: see native/integer_tile.h
#include "native/integer_matmul.h"

#include <algorithm>
#include <type_traits>

#include "native/integer_strips.h"
#include "native/integer_tile.h"
#if defined(GW_ISA_avx512)
#include "native/integer_tile_amx.h"
#define GW_AMX
#endif
#include "native/matmul_mirror.h"
#include "native/pool.h"
#include "native/scratch.h"

namespace gw::GW_ISA {
namespace {

// Rows of a held as integers at once: with a chunk of K, 1 MiB of bytes in two slices.
constexpr std::size_t kBlockRows = 1024;
constexpr std::size_t kPanelWidth = kPanelStrips * kStripRows;
// Columns of b quantized at once: outputs that lie in a row are written in a row.
constexpr std::size_t kGroupWidth = 256;
// Tasks per thread: enough that a thread which was held up does not hold up the others.
constexpr std::size_t kTasksPerThread = 3;

thread_local Scratch terms_scratch, a_scratch, b_scratch;

template <class Words>
Strip<Words>* strips_in(Scratch& scratch, std::size_t num_strips) {
  return reinterpret_cast<Strip<Words>*>(scratch.floats(num_strips * sizeof(Strip<Words>) / sizeof(float)));
}

Rows rows_of_a(const MatmulArgs& args, std::size_t m, std::size_t k) {
  if (args.layout == Layout::tn) return {args.a + k * args.num_m + m, args.num_m, true};
  return {args.a + m * args.num_k + k, args.num_k, false};
}

Rows columns_of_b(const MatmulArgs& args, std::size_t n, std::size_t k) {
  if (args.layout == Layout::nt) return {args.b + n * args.num_k + k, args.num_k, false};
  return {args.b + k * args.num_n + n, args.num_n, true};
}

template <class Words>
void quantize_a(const MatmulArgs& args, Range rows, Range ks, Strip<Words>* strips) {
  parallel_for(quotient_up(rows.size(), kStripRows), [&](std::size_t s) {
    const std::size_t m = rows.begin + s * kStripRows, num_rows = std::min(kStripRows, rows.end - m);
    float* terms = terms_scratch.floats(kChunk * kStripRows);
    quantize<Words, Operand::a>(rows_of_a(args, m, ks.begin), num_rows, ks.size(), terms, strips[s]);
  });
}

// One tile of a strip of a by a panel.
template <class Words>
void tile(const TileOf<Words>& it, std::size_t num_rows) {
  integer_tile_of<Words>(num_rows, quotient_up(it.out.num_columns, kStripRows))(it);
}
#if defined(GW_AMX)
template <class Unit>
void tile(const TileOf<TileQuads<Unit>>& it, std::size_t num_rows) {
  if (it.out.num_columns > static_cast<int>(kStripRows))
    amx_tile<Unit, 2>(it, num_rows);
  else
    amx_tile<Unit, 1>(it, num_rows);
}
#endif

// One strip of a by a group of panels.
template <class Words>
void row_of_tiles(const MatmulArgs& args, Range rows, Range columns, Range ks, const Strip<Words>& a,
                  const Strip<Words>* b) {
  const std::size_t num_groups = groups_of<Words>(ks.size());
  for (std::size_t n = columns.begin; n < columns.end; n += kPanelWidth, b += kPanelStrips) {
    const std::size_t num_columns = std::min(kPanelWidth, columns.end - n);
    if (args.is_symmetric && n + num_columns <= rows.begin) continue;  // all of it is in the other triangle
    for (std::size_t i = 0; i < rows.size(); i += kRowsOf<Words>) {
      const std::size_t num_rows = std::min<std::size_t>(kRowsOf<Words>, rows.size() - i);
      const TileOut out{args.out + (rows.begin + i) * args.num_n + n, args.num_n, static_cast<int>(num_columns),
                        ks.begin > 0 || args.adds_to_out};
      tile(TileOf<Words>{&a, b, num_groups, i, out}, num_rows);
    }
  }
}

// One chunk's integers of a block of rows.
template <class Words>
struct Block {
  Range rows, ks;
  const Strip<Words>* strips;
  const Strip<Words>& strip_at(std::size_t m) const { return strips[(m - rows.begin) / kStripRows]; }
};

// A strip of columns. Where b is a transposed, it may be one of the rows that are integers already.
template <class Words>
void strip_of_b(const MatmulArgs& args, const Block<Words>& a, std::size_t n, std::size_t num_columns,
                Strip<Words>& strip) {
  if constexpr (std::is_same_v<Words, Quads>)
    if (args.is_symmetric && n >= a.rows.begin && n < a.rows.end) return as_columns(a.strip_at(n), strip);
  float* terms = terms_scratch.floats(kChunk * kStripRows);
  quantize<Words, Operand::b>(columns_of_b(args, n, a.ks.begin), num_columns, a.ks.size(), terms, strip);
}

// What a thread holds while it multiplies.
template <class Words>
struct SessionOf {};
#if defined(GW_AMX)
template <class Unit>
struct SessionOf<TileQuads<Unit>> : TileSession<Unit> {};
#endif

// Some rows of outputs by one group of panels.
template <class Words>
void panels(const MatmulArgs& args, const Block<Words>& a, Range rows, Range columns) {
  Strip<Words>* b = strips_in<Words>(b_scratch, kGroupWidth / kStripRows);
  for (std::size_t n = columns.begin; n < columns.end; n += kStripRows)
    strip_of_b(args, a, n, std::min(kStripRows, columns.end - n), b[(n - columns.begin) / kStripRows]);
  [[maybe_unused]] const SessionOf<Words> session;
  for (std::size_t m = rows.begin; m < rows.end; m += kStripRows)
    row_of_tiles(args, {m, std::min(m + kStripRows, rows.end)}, columns, a.ks, a.strip_at(m), b);
}

// One chunk's sums for one block of rows.
template <class Words>
void chunk(const MatmulArgs& args, Range rows, Range ks) {
  Strip<Words>* a = strips_in<Words>(a_scratch, quotient_up(rows.size(), kStripRows));
  quantize_a(args, rows, ks, a);

  const Parts columns{{0, args.num_n}, kPanelWidth, quotient_up(args.num_n, kGroupWidth)};
  const std::size_t wanted = num_threads() > 1 ? quotient_up(kTasksPerThread * num_threads(), columns.num) : 1;
  const Parts parts{rows, kStripRows, std::min(wanted, quotient_up(rows.size(), 4 * kStripRows))};
  parallel_for(columns.num * parts.num, [&](std::size_t task) {
    panels(args, Block<Words>{rows, ks, a}, parts[task % parts.num], columns[task / parts.num]);
  });
}

template <class Words>
void product(const MatmulArgs& args) {
  for (std::size_t m = 0; m < args.num_m; m += kBlockRows)
    for (std::size_t k = 0; k < args.num_k; k += kChunk)
      chunk<Words>(args, {m, std::min(m + kBlockRows, args.num_m)}, {k, std::min(k + kChunk, args.num_k)});
  if (args.is_symmetric) mirror(args);
}

}  // namespace

void integer_matmul(const MatmulArgs& args) {
  if (args.num_k == 0 && !args.adds_to_out) std::fill_n(args.out, args.num_m * args.num_n, 0.0f);
  if (args.num_m == 0 || args.num_n == 0) return;
  switch (byte_unit()) {
#if defined(GW_AMX)
    case ByteUnit::amx:
      return product<TileQuads<Amx>>(args);
    case ByteUnit::emulated_amx:
      return product<TileQuads<EmulatedAmx>>(args);
#endif
#if defined(GW_QUADS)
    case ByteUnit::vnni:
    case ByteUnit::dotprod:
      return product<UnitQuads>(args);
#endif
    default:
      return product<Pairs>(args);
  }
}

}  // namespace gw::GW_ISA
