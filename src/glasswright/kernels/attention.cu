// Causal attention as defined in attention.py, bit for bit: a block for each tile of 64 positions of each head.
//
// The sums of a query's values lie in `out` from tile to tile of keys. Rule 5 over 64 keys is a warp's, a query at a
// time.
#include "cuda/attention.h"

namespace gw::GW_ISA {

// What is known of the queries of a tile when the keys so far have been seen.
struct Softmax {
  float maximum[kTile], sum[kTile], rescale[kTile];
};

// One query's logits of a tile of keys become weights; a tile without a key that it sees is absent.
template <class Sees>
inline void weigh(float* logit, int row, const Sees& sees, Softmax& known) {
  const int even = 2 * lane_number(), odd = even + 1;
  const bool sees_even = sees(even), sees_odd = sees(odd);
  if (__ballot_sync(0xFFFFFFFFu, sees_even || sees_odd) == 0) {
    if (lane_number() == 0) known.rescale[row] = 1.0f;
    return;
  }
  const float before = known.maximum[row];
  float maximum = before;
  if (sees_even) maximum = maximum < logit[even] ? logit[even] : maximum;
  if (sees_odd) maximum = maximum < logit[odd] ? logit[odd] : maximum;
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const float other = __shfl_xor_sync(0xFFFFFFFFu, maximum, distance);
    maximum = maximum < other ? other : maximum;
  }
  const float weight_even = sees_even ? exp(logit[even] - maximum) : 0.0f;
  const float weight_odd = sees_odd ? exp(logit[odd] - maximum) : 0.0f;
  logit[even] = weight_even;
  logit[odd] = weight_odd;
  const float block = add_lanes(weight_even, weight_odd);
  if (lane_number() != 0) return;
  const float rescale = exp(before - maximum);
  known.maximum[row] = maximum;
  known.rescale[row] = rescale;
  known.sum[row] = std::fma(known.sum[row], rescale, block);
}

extern "C" __global__ __launch_bounds__(kThreads) void attention(const float* q, const float* k, const float* v,
                                                                 float scale, std::size_t window, float soft_cap,
                                                                 float* out, float* logsumexp, std::size_t S,
                                                                 std::size_t T, std::size_t U, std::size_t H,
                                                                 std::size_t G, std::size_t E, std::size_t F) {
  __shared__ Operands operands;
  __shared__ Weights weights;
  __shared__ Softmax known;
  const std::size_t s = blockIdx.y / H, h = blockIdx.y % H, g = h / (H / G);
  const Sight sight{static_cast<std::ptrdiff_t>(U - T), static_cast<std::ptrdiff_t>(window)};
  // Tiles are anchored at positions; the longest rows come first.
  const std::size_t tile = (U - 1) / kTile - blockIdx.x;
  const std::size_t position = tile * kTile < U - T ? U - T : tile * kTile;
  const std::size_t first = position - (U - T), num = smaller((tile + 1) * kTile, U) - position;
  const std::size_t query = (s * T + first) * H + h;
  float* out_rows = out + query * F;

  for_own_elements(F, H * F, num, [&](std::size_t, std::size_t i) { out_rows[i] = 0.0f; });
  if (threadIdx.x < kTile) known.maximum[threadIdx.x] = -kInfinity, known.sum[threadIdx.x] = 0.0f;
  for (std::size_t key_tile = sight.first_key(first) / kTile; key_tile <= tile; ++key_tile) {
    const std::size_t first_key = key_tile * kTile, num_keys = smaller(U - first_key, kTile);
    const auto sees = [&](std::size_t row, int key) { return sight.sees(first + row, first_key + key); };
    Acc acc;
    rows_by_rows({q + query * E, H * E, num}, scale, {k + ((s * U + first_key) * G + g) * E, G * E, num_keys}, E,
                 operands, acc);
    for (int i = 0; i < kPer; ++i)
      for (int j = 0; j < kPer; ++j)
        weights[kPer * thread_y() + i][kPer * thread_x() + j] =
            soft_cap == 0.0f ? acc[i][j] : soft_cap * tanh(acc[i][j] / soft_cap);
    __syncthreads();
    for (std::size_t row = threadIdx.x / kWarp; row < num; row += kThreads / kWarp)
      weigh(
          weights[row], static_cast<int>(row),
          [&](int key) { return key < static_cast<int>(num_keys) && sees(row, key); }, known);
    __syncthreads();
    for_own_elements(F, H * F, num,
                     [&](std::size_t row, std::size_t i) { out_rows[i] = out_rows[i] * known.rescale[row]; });
    add_products([&](std::size_t row, int key) { return weights[row][key]; }, sees,
                 {v + ((s * U + first_key) * G + g) * F, G * F, num_keys}, 1.0f, F, out_rows, H * F, num, operands);
  }
  for_own_elements(F, H * F, num,
                   [&](std::size_t row, std::size_t i) { out_rows[i] = out_rows[i] * (1.0f / known.sum[row]); });
  if (threadIdx.x < num)
    logsumexp[(s * H + h) * T + first + threadIdx.x] = known.maximum[threadIdx.x] + log(known.sum[threadIdx.x]);
}

}  // namespace gw::GW_ISA
