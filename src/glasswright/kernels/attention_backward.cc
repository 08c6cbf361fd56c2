// The gradient of causal attention as defined in attention.py, bit for bit.
//
// A pair of tiles, queries against keys, gives one tile of weights and one of logit gradients; from these three
// products follow: into dq, dk and dv. The pairs are visited in such an order that every chain ascends. There are two
// ways to cut the work, with equal bits: one task for each key/value head, which computes a pair once; or, where there
// are fewer such heads than threads, separate tasks for each tile of dq and each tile of dk and dv.
#include <algorithm>

#include "native/attention.h"
#include "native/attention_tiles.h"
#include "native/elementary.h"
#include "native/lanes.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

using Args = AttentionBackwardArgs;

std::size_t num_tiles(const Args& args) { return (args.shape.T + kTile - 1) / kTile; }
Rows rows_of(const Args& args, std::size_t tile) { return {0, std::min(kTile, args.shape.T - tile * kTile)}; }

// A query tile of one head, as it is needed: by rows, turned, and what the forward pass knew of each row.
struct Queries {
  float *q, *turned_q;  // times the scale
  float *dout, *turned_dout;
  float *logsumexp, *delta;
  std::size_t tile, num;

  explicit Queries(Scratch& scratch, std::size_t width)
      : q(scratch.take(kTile * width)),
        turned_q(scratch.take(kTile * width)),
        dout(scratch.take(kTile * width)),
        turned_dout(scratch.take(kTile * width)),
        logsumexp(scratch.take(kTile)),
        delta(scratch.take(kTile)) {}
  static std::size_t num_floats(std::size_t width) { return 4 * kTile * width + 2 * kTile; }

  void load(const Args& args, std::size_t s, std::size_t h, std::size_t query_tile) {
    const auto& [S, T, U, H, G, E] = args.shape;
    const Rows rows = rows_of(args, query_tile);
    const std::size_t first = ((s * T + query_tile * kTile) * H + h) * E;
    tile = query_tile;
    num = rows.last;
    load_tile(args.q + first, H * E, rows, E, args.scale, q);
    load_tile(args.dout + first, H * E, rows, E, 1.0f, dout);
    transpose_tile(q, E, turned_q);
    transpose_tile(dout, E, turned_dout);
    for (std::size_t r = 0; r < kTile; ++r) {
      const std::size_t row = first + r * H * E;
      logsumexp[r] = r < num ? args.logsumexp[(s * H + h) * T + tile * kTile + r] : 0.0f;
      delta[r] = r < num ? ordered_dot(args.dout + row, args.out + row, E) : 0.0f;
    }
  }
};

// One pair of tiles: weights[j][r] and dlogits[j][r]. On the diagonal what lies at j > r is never read.
struct Pair {
  float *weights, *dlogits;

  explicit Pair(Scratch& scratch) : weights(scratch.take(kTile * kTile)), dlogits(scratch.take(kTile * kTile)) {}
  static constexpr std::size_t kNumFloats = 2 * kTile * kTile;

  void compute(const Queries& queries, const float* k, const float* v, std::size_t num_keys, bool on_diagonal,
               std::size_t E) {
    const std::size_t width = padded(E), last = (queries.num + 15) / 16 * 16;
    for (std::size_t c = 0; c < last; c += 2 * 16) {
      const Rows columns{c, std::min(c + 2 * 16, last)};
      const Rows rows{0, on_diagonal ? std::min(num_keys, columns.last) : num_keys};
      multiply<Terms::kAll, Start::kZero>({k, width, 1}, rows, queries.turned_q, kTile, columns, E, weights, kTile);
      multiply<Terms::kAll, Start::kZero>({v, width, 1}, rows, queries.turned_dout, kTile, columns, E, dlogits, kTile);
      for (std::size_t i = columns.first; i < columns.last; i += Vec::kLanes) finish_lanes(queries, rows.last, i);
    }
  }

 private:
  void finish_lanes(const Queries& queries, std::size_t num_keys, std::size_t lane) {
    const Vec logsumexp = Vec::load(queries.logsumexp + lane), delta = Vec::load(queries.delta + lane);
#pragma GCC unroll 4
    for (std::size_t i = lane; i < num_keys * kTile; i += kTile) {
      const Vec p = exp(Vec::load(weights + i) - logsumexp);
      p.store(weights + i);
      (p * (Vec::load(dlogits + i) - delta)).store(dlogits + i);
    }
  }
};

// Adds the pair's terms to dq, a tile of rows of queries: chains ascending in key position.
void add_to_queries(const Pair& pair, const float* k, bool on_diagonal, std::size_t num_queries, std::size_t width,
                    float* dq) {
  const Left dlogits{pair.dlogits, 1, kTile};
  if (on_diagonal)
    multiply<Terms::kUpToRow, Start::kOut>(dlogits, {0, num_queries}, k, width, {0, width}, kTile, dq, width);
  else
    multiply<Terms::kAll, Start::kOut>(dlogits, {0, num_queries}, k, width, {0, width}, kTile, dq, width);
}

// Adds the pair's terms to dk and dv, tiles of rows of keys: chains ascending in query position.
void add_to_keys(const Pair& pair, const Queries& queries, std::size_t num_keys, bool on_diagonal, std::size_t width,
                 float* dk, float* dv) {
  const Rows rows{0, num_keys}, columns{0, width};
  const Left dlogits{pair.dlogits, kTile, 1}, weights{pair.weights, kTile, 1};
  if (on_diagonal) {
    multiply<Terms::kFromRow, Start::kOut>(dlogits, rows, queries.q, width, columns, queries.num, dk, width);
    multiply<Terms::kFromRow, Start::kOut>(weights, rows, queries.dout, width, columns, queries.num, dv, width);
  } else {
    multiply<Terms::kAll, Start::kOut>(dlogits, rows, queries.q, width, columns, queries.num, dk, width);
    multiply<Terms::kAll, Start::kOut>(weights, rows, queries.dout, width, columns, queries.num, dv, width);
  }
}

void load_keys(const Args& args, const float* source, std::size_t s, std::size_t g, std::size_t tile, float* target) {
  const auto& [S, T, U, H, G, E] = args.shape;
  load_tile(source + ((s * T + tile * kTile) * G + g) * E, G * E, rows_of(args, tile), E, 1.0f, target);
}

void store_keys(const Args& args, const float* source, std::size_t s, std::size_t g, std::size_t tile, float* target) {
  const auto& [S, T, U, H, G, E] = args.shape;
  store_tile(source, rows_of(args, tile), E, 1.0f, target + ((s * T + tile * kTile) * G + g) * E, G * E);
}

void store_queries(const Args& args, const float* dq, std::size_t s, std::size_t h, std::size_t tile) {
  const auto& [S, T, U, H, G, E] = args.shape;
  store_tile(dq, rows_of(args, tile), E, args.scale, args.dq + ((s * T + tile * kTile) * H + h) * E, H * E);
}

// All gradients of one key/value head and the query heads that share it.
void compute_group(const Args& args, std::size_t s, std::size_t g) {
  const auto& [S, T, U, H, G, E] = args.shape;
  const std::size_t width = padded(E), size = kTile * width, num = num_tiles(args);
  Scratch scratch((4 * num + 1) * size + Queries::num_floats(width) + Pair::kNumFloats);
  Queries queries(scratch, width);
  Pair pair(scratch);
  float* dq = scratch.take(size);
  float* k = scratch.take(num * size);
  float* v = scratch.take(num * size);
  float* dk = scratch.take(num * size);
  float* dv = scratch.take(num * size);
  for (std::size_t tile = 0; tile < num; ++tile) {
    load_keys(args, args.k, s, g, tile, k + tile * size);
    load_keys(args, args.v, s, g, tile, v + tile * size);
  }
  std::fill(dk, dk + num * size, 0.0f);
  std::fill(dv, dv + num * size, 0.0f);

  for (std::size_t h = g * (H / G); h < (g + 1) * (H / G); ++h)
    for (std::size_t query_tile = 0; query_tile < num; ++query_tile) {
      queries.load(args, s, h, query_tile);
      std::fill(dq, dq + size, 0.0f);
      for (std::size_t tile = 0; tile <= query_tile; ++tile) {
        const bool on_diagonal = tile == query_tile;
        const std::size_t num_keys = rows_of(args, tile).last, at = tile * size;
        pair.compute(queries, k + at, v + at, num_keys, on_diagonal, E);
        add_to_keys(pair, queries, num_keys, on_diagonal, width, dk + at, dv + at);
        add_to_queries(pair, k + at, on_diagonal, queries.num, width, dq);
      }
      store_queries(args, dq, s, h, query_tile);
    }

  for (std::size_t tile = 0; tile < num; ++tile) {
    store_keys(args, dk + tile * size, s, g, tile, args.dk);
    store_keys(args, dv + tile * size, s, g, tile, args.dv);
  }
}

// One tile of dq.
void compute_query_tile(const Args& args, std::size_t s, std::size_t h, std::size_t query_tile) {
  const auto& [S, T, U, H, G, E] = args.shape;
  const std::size_t width = padded(E), size = kTile * width, g = h / (H / G);
  Scratch scratch(3 * size + Queries::num_floats(width) + Pair::kNumFloats);
  Queries queries(scratch, width);
  Pair pair(scratch);
  float* dq = scratch.take(size);
  float* k = scratch.take(size);
  float* v = scratch.take(size);
  queries.load(args, s, h, query_tile);
  std::fill(dq, dq + size, 0.0f);
  for (std::size_t tile = 0; tile <= query_tile; ++tile) {
    load_keys(args, args.k, s, g, tile, k);
    load_keys(args, args.v, s, g, tile, v);
    pair.compute(queries, k, v, rows_of(args, tile).last, tile == query_tile, E);
    add_to_queries(pair, k, tile == query_tile, queries.num, width, dq);
  }
  store_queries(args, dq, s, h, query_tile);
}

// One tile of dk and of dv.
void compute_key_tile(const Args& args, std::size_t s, std::size_t g, std::size_t tile) {
  const auto& [S, T, U, H, G, E] = args.shape;
  const std::size_t width = padded(E), size = kTile * width, num_keys = rows_of(args, tile).last;
  Scratch scratch(4 * size + Queries::num_floats(width) + Pair::kNumFloats);
  Queries queries(scratch, width);
  Pair pair(scratch);
  float* k = scratch.take(size);
  float* v = scratch.take(size);
  float* dk = scratch.take(size);
  float* dv = scratch.take(size);
  load_keys(args, args.k, s, g, tile, k);
  load_keys(args, args.v, s, g, tile, v);
  std::fill(dk, dk + size, 0.0f);
  std::fill(dv, dv + size, 0.0f);
  for (std::size_t h = g * (H / G); h < (g + 1) * (H / G); ++h)
    for (std::size_t query_tile = tile; query_tile < num_tiles(args); ++query_tile) {
      queries.load(args, s, h, query_tile);
      pair.compute(queries, k, v, num_keys, query_tile == tile, E);
      add_to_keys(pair, queries, num_keys, query_tile == tile, width, dk, dv);
    }
  store_keys(args, dk, s, g, tile, args.dk);
  store_keys(args, dv, s, g, tile, args.dv);
}

}  // namespace

void attention_backward(const AttentionBackwardArgs& args) {
  const auto [S, T, U, H, G, E] = args.shape;
  const std::size_t num_groups = S * G;
  if (num_groups >= static_cast<std::size_t>(num_threads())) {
    parallel_for(num_groups, [&](std::size_t task) { compute_group(args, task / G, task % G); });
    return;
  }
  const std::size_t num = num_tiles(args);
  const std::size_t num_key_tiles = S * G * num;
  parallel_for(num_key_tiles + S * H * num, [&](std::size_t task) {  // the longest first
    if (task < num_key_tiles) return compute_key_tile(args, task % (S * G) / G, task % G, task / (S * G));
    task -= num_key_tiles;
    compute_query_tile(args, task % (S * H) / H, task % H, num - 1 - task / (S * H));
  });
}

}  // namespace gw::GW_ISA
