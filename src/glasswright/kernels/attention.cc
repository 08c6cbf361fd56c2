// Causal attention as defined in attention.py, bit for bit. One task computes the queries of one tile of one head.
#include "native/attention.h"

#include <algorithm>

#include "native/attention_tiles.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

// The queries of one head that lie in one tile, and what is known of each when the keys so far have been seen.
struct Queries {
  Rows rows;
  Rows columns;     // the same in whole vectors: `rows` as lanes
  float* q;         // [r][e], times the scale
  float* turned_q;  // [e][r]
  float* out;       // [r][e]
  float* maximum;   // [r]
  float* sum;       // [r]
  float* rescale;   // [r]
};

void cap_logits(Rows keys, Rows columns, float soft_cap, float* logits) {
  const Vec cap = Vec::set(soft_cap);
  for (std::size_t j = keys.first; j < keys.last; ++j)
    for (std::size_t c = columns.first; c < columns.last; c += Vec::kLanes)
      capped(Vec::load(logits + j * kTile + c), cap).store(logits + j * kTile + c);
}

void hide_unseen(const Band& band, float* logits) {
  for (std::size_t j = 0; j < kTile; ++j) {
    const Rows seen = band.turned().columns_of({j, j + 1}, kTile);
    float* row = logits + j * kTile;
    std::fill(row, row + seen.first, -kInfinity);
    std::fill(row + std::max(seen.first, seen.last), row + kTile, -kInfinity);
  }
}

// logits[j][r] for the keys of one tile; -infinity for those that r does not see.
void compute_logits(const Queries& queries, const float* k, std::size_t E, std::size_t num_keys, const Band& band,
                    float soft_cap, float* logits) {
  const Left keys{k, padded(E), 1};
  for (std::size_t c = queries.columns.first; c < queries.columns.last; c += 2 * 16) {
    const Rows columns{c, std::min(c + 2 * 16, queries.columns.last)};
    const Rows seen = band.columns_of(columns, num_keys);
    multiply(keys, seen, queries.turned_q, kTile, columns, E, logits, kTile);
    if (soft_cap != 0.0f) cap_logits(seen, columns, soft_cap, logits);
  }
  if (!band.is_all()) hide_unseen(band, logits);
}

// Eight keys' weights for the queries of one vector, and the part of the sum tree above them.
Vec exp_eight(float* logits, Vec maximum) {
  Vec p[8];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < 8; ++i) {
    p[i] = exp(Vec::load(logits + i * kTile) - maximum);
    p[i].store(logits + i * kTile);
  }
  return ((p[0] + p[1]) + (p[2] + p[3])) + ((p[4] + p[5]) + (p[6] + p[7]));
}

Vec larger(Vec a, Vec b) { return select(a < b, b, a); }

// The largest of 64 logits and what was largest before, in four chains: a maximum has no order (attention.py).
Vec raise_maximum(Vec before, const float* logits) {
  Vec maximum[4] = {before, before, before, before};
  for (std::size_t j = 0; j < kTile; j += 4)
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) maximum[i] = larger(maximum[i], Vec::load(logits + (j + i) * kTile));
  return larger(larger(maximum[0], maximum[1]), larger(maximum[2], maximum[3]));
}

// logits[j][r] becomes exp(logits[j][r] - maximum[r]) with the new running maximum; `rescale` says by how much the
// earlier keys weigh less. A masked key has weight +0 here, and adding +0 to a sum of weights changes no bit.
void compute_weights(Queries& queries, float* logits) {
  for (std::size_t c = queries.columns.first; c < queries.columns.last; c += Vec::kLanes) {
    const Vec before = Vec::load(queries.maximum + c);
    const Vec maximum = raise_maximum(before, logits + c);
    Vec part[8];
    for (std::size_t i = 0; i < 8; ++i) part[i] = exp_eight(logits + i * 8 * kTile + c, maximum);
    const Vec sum = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    const Vec rescale = exp(before - maximum);
    maximum.store(queries.maximum + c);
    rescale.store(queries.rescale + c);
    fma(Vec::load(queries.sum + c), rescale, sum).store(queries.sum + c);
  }
}

// A query whose window begins behind a tile has not met a key yet: what was computed for it there is no number.
void keep_unbegun(Queries& queries, const Band& band) {
  const std::ptrdiff_t first = std::clamp<std::ptrdiff_t>(kTile - band.first, 0, kTile);
  std::fill(queries.sum + first, queries.sum + kTile, 0.0f);
  std::fill(queries.rescale + first, queries.rescale + kTile, 1.0f);
}

// Multiplying by one changes no bit, and most tiles bring no new maximum.
void rescale_out(const Queries& queries, std::size_t width) {
  for (std::size_t r = queries.rows.first; r < queries.rows.last; ++r) {
    if (queries.rescale[r] == 1.0f) continue;
    const Vec factor = Vec::set(queries.rescale[r]);
    for (float* out = queries.out + r * width; out < queries.out + (r + 1) * width; out += Vec::kLanes)
      (Vec::load(out) * factor).store(out);
  }
}

void finish(const Queries& queries, std::size_t width, float* logsumexp) {
  float result[kTile];
  for (std::size_t c = queries.columns.first; c < queries.columns.last; c += Vec::kLanes) {
    const Vec sum = Vec::load(queries.sum + c);
    (Vec::load(queries.maximum + c) + log(sum)).store(result + c);
    (Vec::set(1.0f) / sum).store(queries.rescale + c);
  }
  rescale_out(queries, width);
  std::copy(result + queries.rows.first, result + queries.rows.last, logsumexp);
}

// `room`: positions of k and v from one sequence to the next.
void attend(const AttentionArgs& args, std::size_t room) {
  // One by one: clang before 16 takes no structured binding into a lambda.
  const std::size_t S = args.shape.S, T = args.shape.T, U = args.shape.U, H = args.shape.H, G = args.shape.G;
  const std::size_t E = args.shape.E, F = args.shape.F;
  if (T == 0) return;
  const Sight sight(args.rule.window);
  const std::size_t width = padded(E), value_width = padded(F);
  const std::size_t first_tile = (U - T) / kTile;
  const std::size_t num_tiles = (U - 1) / kTile + 1 - first_tile;

  parallel_for(S * H * num_tiles, [&](std::size_t task) {
    const std::size_t s = task / (num_tiles * H), h = task / num_tiles % H, g = h / (H / G);
    const std::size_t tile = first_tile + num_tiles - 1 - task % num_tiles;  // the longest rows first
    const std::size_t first = std::max(tile * kTile, U - T), last = std::min((tile + 1) * kTile, U);

    Scratch scratch(2 * kTile * kTile + 3 * kTile * width + 2 * kTile * value_width);
    Queries queries;
    queries.rows = {first % kTile, (last - 1) % kTile + 1};
    queries.columns = {queries.rows.first / 16 * 16, (queries.rows.last + 15) / 16 * 16};
    queries.q = scratch.take(kTile * width);
    queries.turned_q = scratch.take(kTile * width);
    queries.out = scratch.take(kTile * value_width);
    queries.maximum = scratch.take(kTile);
    queries.sum = scratch.take(kTile);
    queries.rescale = scratch.take(kTile);
    float* k = scratch.take(kTile * width);
    float* v = scratch.take(kTile * value_width);
    float* logits = scratch.take(kTile * kTile);

    const std::size_t first_query = (s * T + first - (U - T)) * H + h;
    load_tile(args.q + first_query * E, H * E, queries.rows, E, args.rule.scale, queries.q);
    transpose_tile(queries.q, E, queries.turned_q);
    std::fill(queries.out, queries.out + kTile * value_width, 0.0f);
    std::fill(queries.maximum, queries.maximum + kTile, -kInfinity);
    std::fill(queries.sum, queries.sum + kTile, 0.0f);

    for (std::size_t key_tile = sight.first_key(first) / kTile; key_tile <= tile; ++key_tile) {
      const Band band = sight.of_tiles(tile, key_tile);
      const std::size_t num_keys = key_tile == tile ? queries.rows.last : kTile;
      const std::size_t first_key = (s * room + key_tile * kTile) * G + g;
      load_tile(args.k + first_key * E, G * E, {0, num_keys}, E, 1.0f, k);
      load_tile(args.v + first_key * F, G * F, {0, num_keys}, F, 1.0f, v);
      compute_logits(queries, k, E, num_keys, band, args.rule.soft_cap, logits);
      compute_weights(queries, logits);
      if (band.first > 0) keep_unbegun(queries, band);
      rescale_out(queries, value_width);
      multiply_onto({logits, 1, kTile}, queries.rows, band, v, value_width, {0, value_width}, kTile, queries.out,
                    value_width);
    }
    finish(queries, value_width, args.logsumexp + (s * H + h) * T + first - (U - T));
    store_tile(queries.out, queries.rows, F, 1.0f, args.out + first_query * F, H * F);
  });
}

// What the positions from `first` on hold, in the memory of each sequence.
void keep(const float* x, const AttentionShape& shape, std::size_t width, std::size_t first, std::size_t room,
          float* kept) {
  const std::size_t size = shape.T * shape.G * width;
  for (std::size_t s = 0; s < shape.S; ++s)
    std::copy_n(x + s * size, size, kept + (s * room + first) * shape.G * width);
}

}  // namespace

void attention(const AttentionArgs& args) { attend(args, args.shape.U); }

void continued_attention(const ContinuedAttentionArgs& args) {
  const std::size_t first = static_cast<std::size_t>(*args.position);
  AttentionArgs attention = args.attention;
  keep(attention.k, attention.shape, attention.shape.E, first, args.room, args.keys);
  keep(attention.v, attention.shape, attention.shape.F, first, args.room, args.values);
  attention.k = args.keys, attention.v = args.values;
  attention.shape.U = first + attention.shape.T;
  attend(attention, args.room);
}

}  // namespace gw::GW_ISA
