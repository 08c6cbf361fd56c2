// The sums defined in sums.py, bit for bit.
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr std::size_t kSquaresBlock = 1 << 16, kRowsChunk = 512;

// One warp.
extern "C" __global__ void ordered_sum(const float* x, float* out, std::size_t n) {
  if (warp_number() > 0) return;
  const float sum = ordered_fold(n, [&](std::size_t i, float lane) { return lane + x[i]; });
  if (lane_number() == 0) *out = sum;
}

// A warp for each block of 65536 elements: the dot product of the block with itself.
extern "C" __global__ void squares_of_blocks(const float* x, float* block_sum, std::size_t n, std::size_t num_blocks) {
  const std::size_t block = warp_number();
  if (block >= num_blocks) return;
  const float* first = x + block * kSquaresBlock;
  const float sum = ordered_dot(first, first, smaller(n - block * kSquaresBlock, kSquaresBlock));
  if (lane_number() == 0) block_sum[block] = sum;
}

// One chunk of 512 rows of the sum over rows, a column a thread: part[chunk][d]. As in sums.py each is a product with
// one.
extern "C" __global__ void rows_of_chunks(const float* x, float* part, std::size_t num_r, std::size_t num_d) {
  const std::size_t d = thread_number(), chunk = blockIdx.y;
  if (d >= num_d) return;
  float sum = 0.0f;
  for (std::size_t r = chunk * kRowsChunk; r < smaller(num_r, (chunk + 1) * kRowsChunk); ++r)
    sum = std::fma(x[r * num_d + d], 1.0f, sum);
  part[chunk * num_d + d] = sum;
}

// Left to right from +0, a thread for each column of a matrix of partial sums.
extern "C" __global__ void add_left_to_right(const float* part, float* out, std::size_t num_parts, std::size_t num_d) {
  const std::size_t d = thread_number();
  if (d >= num_d) return;
  float total = 0.0f;
  for (std::size_t c = 0; c < num_parts; ++c) total = total + part[c * num_d + d];
  out[d] = total;
}

// flag becomes 1 where any element is NaN or infinite: it has no order.
extern "C" __global__ void find_not_finite(const float* x, std::int64_t* flag, std::size_t n) {
  const std::size_t i = thread_number();
  if (i < n && (std::bit_cast<std::uint32_t>(x[i]) & 0x7FFFFFFFu) >= 0x7F800000u) *flag = 1;
}

}  // namespace gw::GW_ISA
