// The way to the experts and back as defined in experts.py, bit for bit.
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr int kThreads = 256, kWarps = kThreads / kWarp;

// A block for each expert: it counts the pairs of those before it, and gives the places behind them to its own.
extern "C" __global__ __launch_bounds__(kThreads) void dispatch(const std::int64_t* expert, std::int64_t* place,
                                                                std::int64_t* row, std::int64_t* count,
                                                                std::size_t num_pairs, std::size_t num_k) {
  __shared__ std::uint32_t own_bits[kWarps];
  __shared__ std::size_t num_lower[kWarps];
  const std::int64_t own = blockIdx.x;
  const std::size_t warp = threadIdx.x / kWarp;
  std::size_t lower = 0;
  for (std::size_t first = 0; first < num_pairs; first += kThreads) {
    const std::size_t pair = first + threadIdx.x;
    lower += __popc(__ballot_sync(0xFFFFFFFFu, pair < num_pairs && expert[pair] < own));
  }
  if (lane_number() == 0) num_lower[warp] = lower;
  __syncthreads();
  std::size_t begin = 0;
  for (const std::size_t num : num_lower) begin += num;

  std::size_t next = begin;
  for (std::size_t first = 0; first < num_pairs; first += kThreads) {
    const std::size_t pair = first + threadIdx.x;
    const bool is_own = pair < num_pairs && expert[pair] == own;
    const std::uint32_t bits = __ballot_sync(0xFFFFFFFFu, is_own);
    if (lane_number() == 0) own_bits[warp] = bits;
    __syncthreads();
    std::size_t before = next;
    for (std::size_t other = 0; other < kWarps; ++other) {
      if (other < warp) before += __popc(own_bits[other]);
      next += __popc(own_bits[other]);
    }
    if (is_own) {
      const std::size_t at = before + __popc(bits & ((1u << lane_number()) - 1));
      place[pair] = static_cast<std::int64_t>(at);
      row[at] = static_cast<std::int64_t>(pair / num_k);
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) count[own] = static_cast<std::int64_t>(next - begin);
}

// A row's weighted sum of what its experts made of it, a row a warp.
extern "C" __global__ void combine(const float* y, const std::int64_t* place, const float* weight, float* out,
                                   std::size_t num_r, std::size_t num_k, std::size_t num_d) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  for_each_in_row(num_d, [&](std::size_t d) {
    float sum = 0.0f;
    for (std::size_t j = 0; j < num_k; ++j)
      sum = std::fma(weight[r * num_k + j], y[place[r * num_k + j] * static_cast<std::int64_t>(num_d) + d], sum);
    out[r * num_d + d] = sum;
  });
}

// The gradients of one pair of a row and an expert, a pair a warp.
extern "C" __global__ void combine_backward(const float* dout, const float* y, const std::int64_t* place,
                                            const float* weight, float* dy, float* dweight, std::size_t num_r,
                                            std::size_t num_k, std::size_t num_d) {
  const std::size_t pair = warp_number();
  if (pair >= num_r * num_k) return;
  const float* row = dout + pair / num_k * num_d;
  const std::size_t at = static_cast<std::size_t>(place[pair]) * num_d;
  const float dot = ordered_dot(row, y + at, num_d);
  if (lane_number() == 0) dweight[pair] = dot;
  for_each_in_row(num_d, [&](std::size_t d) { dy[at + d] = weight[pair] * row[d]; });
}

}  // namespace gw::GW_ISA
