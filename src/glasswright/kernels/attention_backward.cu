// The gradient of causal attention as defined in attention.py, bit for bit.
//
// A pair of tiles, queries against keys, gives weights and gradients of logits; a block for each tile of queries makes
// dq of them, and a block for each tile of keys dk and dv, in the order of heads and queries that their chains have.
#include "cuda/attention.h"

namespace gw::GW_ISA {

struct Given {
  const float *dout, *q, *k, *v, *logsumexp, *delta;
  float scale, soft_cap;
  Sight sight;
  std::size_t T, H, G, E, F;

  RowsAt queries(const float* x, std::size_t s, std::size_t h, std::size_t first, std::size_t width) const {
    return {x + ((s * T + first) * H + h) * width, H * width, smaller(T - first, kTile)};
  }
  RowsAt keys(const float* x, std::size_t s, std::size_t g, std::size_t first, std::size_t width) const {
    return {x + ((s * T + first) * G + g) * width, G * width, smaller(T - first, kTile)};
  }
};

// A thread's part of a pair of tiles: [i][j] of query 4 y + i and key 4 x + j.
struct Pair {
  Acc weight, dlogit;

  void compute(const Given& it, std::size_t s, std::size_t h, std::size_t query, std::size_t key, Operands& operands) {
    const std::size_t g = h / (it.H / it.G);
    rows_by_rows(it.queries(it.q, s, h, query, it.E), it.scale, it.keys(it.k, s, g, key, it.E), it.E, operands, weight);
    rows_by_rows(it.queries(it.dout, s, h, query, it.F), 1.0f, it.keys(it.v, s, g, key, it.F), it.F, operands, dlogit);
    for (int i = 0; i < kPer; ++i) {
      const std::size_t t = query + kPer * thread_y() + i;
      if (t >= it.T) continue;
      const float logsumexp = it.logsumexp[(s * it.H + h) * it.T + t], delta = it.delta[(s * it.T + t) * it.H + h];
      for (int j = 0; j < kPer; ++j) {
        const float tanh_of = it.soft_cap == 0.0f ? 0.0f : tanh(weight[i][j] / it.soft_cap);
        const float logit = it.soft_cap == 0.0f ? weight[i][j] : it.soft_cap * tanh_of;
        weight[i][j] = exp(logit - logsumexp);
        dlogit[i][j] = weight[i][j] * (dlogit[i][j] - delta);
        if (it.soft_cap != 0.0f) dlogit[i][j] = dlogit[i][j] * std::fma(-tanh_of, tanh_of, 1.0f);
      }
    }
  }
};

inline void share(const Acc& own, Weights& tile) {
  __syncthreads();
  for (int i = 0; i < kPer; ++i)
    for (int j = 0; j < kPer; ++j) tile[kPer * thread_y() + i][kPer * thread_x() + j] = own[i][j];
  __syncthreads();
}

// delta[r] = dot(dout[r], out[r]), a row a warp.
extern "C" __global__ void attention_delta(const float* dout, const float* out, float* delta, std::size_t num_r,
                                           std::size_t num_f) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  const float dot = ordered_dot(dout + r * num_f, out + r * num_f, num_f);
  if (lane_number() == 0) delta[r] = dot;
}

extern "C" __global__ __launch_bounds__(kThreads) void attention_dq(const float* dout, const float* q, const float* k,
                                                                    const float* v, const float* logsumexp,
                                                                    const float* delta, float scale, std::size_t window,
                                                                    float soft_cap, float* dq, std::size_t T,
                                                                    std::size_t H, std::size_t G, std::size_t E,
                                                                    std::size_t F) {
  __shared__ Operands operands;
  __shared__ Weights dlogits;
  const Sight sight{0, static_cast<std::ptrdiff_t>(window)};
  const Given it{dout, q, k, v, logsumexp, delta, scale, soft_cap, sight, T, H, G, E, F};
  const std::size_t s = blockIdx.y / H, h = blockIdx.y % H, tile = (T - 1) / kTile - blockIdx.x;
  const std::size_t query = tile * kTile, num = smaller(T - query, kTile);
  float* dq_rows = dq + ((s * T + query) * H + h) * E;

  for_own_elements(E, H * E, num, [&](std::size_t, std::size_t i) { dq_rows[i] = 0.0f; });
  for (std::size_t key_tile = sight.first_key(query) / kTile; key_tile <= tile; ++key_tile) {
    const std::size_t key = key_tile * kTile;
    Pair pair;
    pair.compute(it, s, h, query, key, operands);
    share(pair.dlogit, dlogits);
    add_products([&](std::size_t row, int u) { return dlogits[row][u]; },
                 [&](std::size_t row, int u) { return sight.sees(query + row, key + u); },
                 it.keys(k, s, h / (H / G), key, E), 1.0f, E, dq_rows, H * E, num, operands);
  }
  for_own_elements(E, H * E, num, [&](std::size_t, std::size_t i) { dq_rows[i] = dq_rows[i] * scale; });
}

extern "C" __global__ __launch_bounds__(kThreads) void attention_dk_dv(
    const float* dout, const float* q, const float* k, const float* v, const float* logsumexp, const float* delta,
    float scale, std::size_t window, float soft_cap, float* dk, float* dv, std::size_t T, std::size_t H, std::size_t G,
    std::size_t E, std::size_t F) {
  __shared__ Operands operands;
  __shared__ Weights tile;
  const Sight sight{0, static_cast<std::ptrdiff_t>(window)};
  const Given it{dout, q, k, v, logsumexp, delta, scale, soft_cap, sight, T, H, G, E, F};
  const std::size_t s = blockIdx.y / G, g = blockIdx.y % G, key = std::size_t{blockIdx.x} * kTile;
  const std::size_t num = smaller(T - key, kTile), last_query = smaller(T, key + kTile - 1 + smaller(window, T));
  float *dk_rows = dk + ((s * T + key) * G + g) * E, *dv_rows = dv + ((s * T + key) * G + g) * F;

  for_own_elements(E, G * E, num, [&](std::size_t, std::size_t i) { dk_rows[i] = 0.0f; });
  for_own_elements(F, G * F, num, [&](std::size_t, std::size_t i) { dv_rows[i] = 0.0f; });
  for (std::size_t h = g * (H / G); h < (g + 1) * (H / G); ++h)
    for (std::size_t query = key; query < last_query; query += kTile) {
      const auto turned = [&](std::size_t u, int t) { return tile[t][u]; };
      const auto is_seen = [&](std::size_t u, int t) { return sight.sees(query + t, key + u); };
      Pair pair;
      pair.compute(it, s, h, query, key, operands);
      share(pair.weight, tile);
      add_products(turned, is_seen, it.queries(dout, s, h, query, F), 1.0f, F, dv_rows, G * F, num, operands);
      share(pair.dlogit, tile);
      add_products(turned, is_seen, it.queries(q, s, h, query, E), scale, E, dk_rows, G * E, num, operands);
    }
}

}  // namespace gw::GW_ISA
