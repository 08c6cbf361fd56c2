// The gradient of causal attention as defined in attention.py, bit for bit.
//
// A pair of tiles, queries against keys, gives one tile of weights and one of logit gradients; from these three
// products follow: into dq, dk and dv. The pairs are visited in such an order that every chain ascends. There are two
// ways to cut the work, with equal bits: one task for each key/value head, which computes a pair once; or, where there
// are fewer such heads than threads, separate tasks for each tile of dq and each tile of dk and dv.
#include <algorithm>

#include "native/attention.h"
#include "native/attention_tiles.h"
#include "native/lanes.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

using Args = AttentionBackwardArgs;

std::size_t num_tiles(const Args& args) { return (args.shape.T + kTile - 1) / kTile; }
Rows rows_of(const Args& args, std::size_t tile) { return {0, std::min(kTile, args.shape.T - tile * kTile)}; }

std::size_t first_key_tile(const Args& args, std::size_t query_tile) {
  return Sight(args.rule.window).first_key(query_tile * kTile) / kTile;
}
std::size_t end_of_query_tiles(const Args& args, std::size_t key_tile) {
  return std::min(Sight(args.rule.window).last_query(key_tile * kTile + kTile - 1) / kTile + 1, num_tiles(args));
}

// A query tile of one head, as it is needed: by rows, turned, and what the forward pass knew of each row.
struct Queries {
  float *q, *turned_q;  // times the scale
  float *dout, *turned_dout;
  float *logsumexp, *delta;
  std::size_t tile, num;

  Queries(Scratch& scratch, std::size_t width, std::size_t value_width)
      : q(scratch.take(kTile * width)),
        turned_q(scratch.take(kTile * width)),
        dout(scratch.take(kTile * value_width)),
        turned_dout(scratch.take(kTile * value_width)),
        logsumexp(scratch.take(kTile)),
        delta(scratch.take(kTile)) {}
  static std::size_t num_floats(std::size_t width, std::size_t value_width) {
    return 2 * kTile * (width + value_width + 1);
  }

  void load(const Args& args, std::size_t s, std::size_t h, std::size_t query_tile) {
    const auto& [S, T, U, H, G, E, F] = args.shape;
    const Rows rows = rows_of(args, query_tile);
    const std::size_t first = (s * T + query_tile * kTile) * H + h;
    tile = query_tile;
    num = rows.last;
    load_tile(args.q + first * E, H * E, rows, E, args.rule.scale, q);
    load_tile(args.dout + first * F, H * F, rows, F, 1.0f, dout);
    transpose_tile(q, E, turned_q);
    transpose_tile(dout, F, turned_dout);
    for (std::size_t r = 0; r < kTile; ++r) {
      const std::size_t row = (first + r * H) * F;
      logsumexp[r] = r < num ? args.logsumexp[(s * H + h) * T + tile * kTile + r] : 0.0f;
      delta[r] = r < num ? ordered_dot(args.dout + row, args.out + row, F) : 0.0f;
    }
  }
};

// One pair of tiles: weights[j][r] and dlogits[j][r]. What lies at a key j that query r does not see is never read.
struct Pair {
  float *weights, *dlogits;

  explicit Pair(Scratch& scratch) : weights(scratch.take(kTile * kTile)), dlogits(scratch.take(kTile * kTile)) {}
  static constexpr std::size_t kNumFloats = 2 * kTile * kTile;

  void compute(const Args& args, const Queries& queries, const float* k, const float* v, std::size_t num_keys,
               const Band& band) {
    const std::size_t E = args.shape.E, F = args.shape.F, last = (queries.num + 15) / 16 * 16;
    for (std::size_t c = 0; c < last; c += 2 * 16) {
      const Rows columns{c, std::min(c + 2 * 16, last)};
      const Rows rows = band.columns_of(columns, num_keys);
      multiply({k, padded(E), 1}, rows, queries.turned_q, kTile, columns, E, weights, kTile);
      multiply({v, padded(F), 1}, rows, queries.turned_dout, kTile, columns, F, dlogits, kTile);
      for (std::size_t i = columns.first; i < columns.last; i += Vec::kLanes)
        if (args.rule.soft_cap == 0.0f)
          finish_lanes(queries, rows, i);
        else
          finish_capped_lanes(queries, rows, i, Vec::set(args.rule.soft_cap));
    }
  }

 private:
  void finish_lanes(const Queries& queries, Rows keys, std::size_t lane) {
    const Vec logsumexp = Vec::load(queries.logsumexp + lane), delta = Vec::load(queries.delta + lane);
#pragma GCC unroll 4
    for (std::size_t i = keys.first * kTile + lane; i < keys.last * kTile; i += kTile) {
      const Vec p = exp(Vec::load(weights + i) - logsumexp);
      p.store(weights + i);
      (p * (Vec::load(dlogits + i) - delta)).store(dlogits + i);
    }
  }

  void finish_capped_lanes(const Queries& queries, Rows keys, std::size_t lane, Vec soft_cap) {
    const Vec logsumexp = Vec::load(queries.logsumexp + lane), delta = Vec::load(queries.delta + lane);
    for (std::size_t i = keys.first * kTile + lane; i < keys.last * kTile; i += kTile) {
      const Vec t = tanh(Vec::load(weights + i) / soft_cap);
      const Vec p = exp(soft_cap * t - logsumexp);
      p.store(weights + i);
      ((p * (Vec::load(dlogits + i) - delta)) * fma(-t, t, Vec::set(1.0f))).store(dlogits + i);
    }
  }
};

// Adds the pair's terms to dq, a tile of rows of queries: chains ascending in key position.
void add_to_queries(const Pair& pair, const float* k, const Band& band, std::size_t num_queries, std::size_t width,
                    float* dq) {
  multiply_onto({pair.dlogits, 1, kTile}, {0, num_queries}, band, k, width, {0, width}, kTile, dq, width);
}

// Adds the pair's terms to dk and dv, tiles of rows of keys: chains ascending in query position.
void add_to_keys(const Args& args, const Pair& pair, const Queries& queries, std::size_t num_keys, const Band& band,
                 float* dk, float* dv) {
  const std::size_t width = padded(args.shape.E), value_width = padded(args.shape.F);
  const Band queries_of_key = band.turned();
  multiply_onto({pair.dlogits, kTile, 1}, {0, num_keys}, queries_of_key, queries.q, width, {0, width}, queries.num, dk,
                width);
  multiply_onto({pair.weights, kTile, 1}, {0, num_keys}, queries_of_key, queries.dout, value_width, {0, value_width},
                queries.num, dv, value_width);
}

// A tile of one key/value head in an array (S, T, G, width), where it lies there.
void load_keys(const Args& args, const float* source, std::size_t width, std::size_t s, std::size_t g, std::size_t tile,
               float* target) {
  const auto& [S, T, U, H, G, E, F] = args.shape;
  load_tile(source + ((s * T + tile * kTile) * G + g) * width, G * width, rows_of(args, tile), width, 1.0f, target);
}

void store_keys(const Args& args, const float* source, std::size_t width, std::size_t s, std::size_t g,
                std::size_t tile, float* target) {
  const auto& [S, T, U, H, G, E, F] = args.shape;
  store_tile(source, rows_of(args, tile), width, 1.0f, target + ((s * T + tile * kTile) * G + g) * width, G * width);
}

void store_queries(const Args& args, const float* dq, std::size_t s, std::size_t h, std::size_t tile) {
  const auto& [S, T, U, H, G, E, F] = args.shape;
  store_tile(dq, rows_of(args, tile), E, args.rule.scale, args.dq + ((s * T + tile * kTile) * H + h) * E, H * E);
}

// All gradients of one key/value head and the query heads that share it.
void compute_group(const Args& args, std::size_t s, std::size_t g) {
  const auto& [S, T, U, H, G, E, F] = args.shape;
  const std::size_t width = padded(E), value_width = padded(F), num = num_tiles(args);
  const std::size_t size = kTile * width, value_size = kTile * value_width;
  const Sight sight(args.rule.window);
  Scratch scratch((2 * num + 1) * size + 2 * num * value_size + Queries::num_floats(width, value_width) +
                  Pair::kNumFloats);
  Queries queries(scratch, width, value_width);
  Pair pair(scratch);
  float* dq = scratch.take(size);
  float* k = scratch.take(num * size);
  float* v = scratch.take(num * value_size);
  float* dk = scratch.take(num * size);
  float* dv = scratch.take(num * value_size);
  for (std::size_t tile = 0; tile < num; ++tile) {
    load_keys(args, args.k, E, s, g, tile, k + tile * size);
    load_keys(args, args.v, F, s, g, tile, v + tile * value_size);
  }
  std::fill(dk, dk + num * size, 0.0f);
  std::fill(dv, dv + num * value_size, 0.0f);

  for (std::size_t h = g * (H / G); h < (g + 1) * (H / G); ++h)
    for (std::size_t query_tile = 0; query_tile < num; ++query_tile) {
      queries.load(args, s, h, query_tile);
      std::fill(dq, dq + size, 0.0f);
      for (std::size_t tile = first_key_tile(args, query_tile); tile <= query_tile; ++tile) {
        const Band band = sight.of_tiles(query_tile, tile);
        const std::size_t num_keys = rows_of(args, tile).last, at = tile * size, value_at = tile * value_size;
        pair.compute(args, queries, k + at, v + value_at, num_keys, band);
        add_to_keys(args, pair, queries, num_keys, band, dk + at, dv + value_at);
        add_to_queries(pair, k + at, band, queries.num, width, dq);
      }
      store_queries(args, dq, s, h, query_tile);
    }

  for (std::size_t tile = 0; tile < num; ++tile) {
    store_keys(args, dk + tile * size, E, s, g, tile, args.dk);
    store_keys(args, dv + tile * value_size, F, s, g, tile, args.dv);
  }
}

// One tile of dq.
void compute_query_tile(const Args& args, std::size_t s, std::size_t h, std::size_t query_tile) {
  const auto& [S, T, U, H, G, E, F] = args.shape;
  const std::size_t width = padded(E), value_width = padded(F), size = kTile * width, g = h / (H / G);
  const Sight sight(args.rule.window);
  Scratch scratch(2 * size + kTile * value_width + Queries::num_floats(width, value_width) + Pair::kNumFloats);
  Queries queries(scratch, width, value_width);
  Pair pair(scratch);
  float* dq = scratch.take(size);
  float* k = scratch.take(size);
  float* v = scratch.take(kTile * value_width);
  queries.load(args, s, h, query_tile);
  std::fill(dq, dq + size, 0.0f);
  for (std::size_t tile = first_key_tile(args, query_tile); tile <= query_tile; ++tile) {
    const Band band = sight.of_tiles(query_tile, tile);
    load_keys(args, args.k, E, s, g, tile, k);
    load_keys(args, args.v, F, s, g, tile, v);
    pair.compute(args, queries, k, v, rows_of(args, tile).last, band);
    add_to_queries(pair, k, band, queries.num, width, dq);
  }
  store_queries(args, dq, s, h, query_tile);
}

// One tile of dk and of dv.
void compute_key_tile(const Args& args, std::size_t s, std::size_t g, std::size_t tile) {
  const auto& [S, T, U, H, G, E, F] = args.shape;
  const std::size_t width = padded(E), value_width = padded(F), num_keys = rows_of(args, tile).last;
  const std::size_t size = kTile * width, value_size = kTile * value_width;
  const Sight sight(args.rule.window);
  Scratch scratch(2 * size + 2 * value_size + Queries::num_floats(width, value_width) + Pair::kNumFloats);
  Queries queries(scratch, width, value_width);
  Pair pair(scratch);
  float* k = scratch.take(size);
  float* v = scratch.take(value_size);
  float* dk = scratch.take(size);
  float* dv = scratch.take(value_size);
  load_keys(args, args.k, E, s, g, tile, k);
  load_keys(args, args.v, F, s, g, tile, v);
  std::fill(dk, dk + size, 0.0f);
  std::fill(dv, dv + value_size, 0.0f);
  for (std::size_t h = g * (H / G); h < (g + 1) * (H / G); ++h)
    for (std::size_t query_tile = tile; query_tile < end_of_query_tiles(args, tile); ++query_tile) {
      const Band band = sight.of_tiles(query_tile, tile);
      queries.load(args, s, h, query_tile);
      pair.compute(args, queries, k, v, num_keys, band);
      add_to_keys(args, pair, queries, num_keys, band, dk, dv);
    }
  store_keys(args, dk, E, s, g, tile, args.dk);
  store_keys(args, dv, F, s, g, tile, args.dv);
}

}  // namespace

void attention_backward(const AttentionBackwardArgs& args) {
  const std::size_t S = args.shape.S, H = args.shape.H, G = args.shape.G;
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
