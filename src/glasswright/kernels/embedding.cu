// The table lookup and its gradient defined in embedding.py, bit for bit.
//
// A token that the table lacks gives a row of NaN, and the run ends with the step and the loss (rule 8): asking the
// device whether there is one would make the host wait for it.
#include "cuda/thread.h"

namespace gw::GW_ISA {

extern "C" __global__ void embedding(const float* table, const std::int64_t* token, float* out, std::size_t num_v,
                                     std::size_t num_r, std::size_t num_d) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  const bool is_known = 0 <= token[r] && token[r] < static_cast<std::int64_t>(num_v);
  const float* row = table + token[r] * static_cast<std::int64_t>(num_d);
  for_each_in_row(num_d, [&](std::size_t d) { out[r * num_d + d] = is_known ? row[d] : kNaN; });
}

// A block for each row of the table looks through all tokens, 32 to a word that has a bit for each that is its own, and
// adds their gradients as the bits ascend.
extern "C" __global__ void embedding_backward(const float* dout, const std::int64_t* token, float* dtable,
                                              std::size_t num_r, std::size_t num_d) {
  constexpr std::size_t kWords = 64, kRows = kWords * kWarp;
  __shared__ std::uint32_t own[kWords];
  const std::int64_t v = blockIdx.x;
  for (std::size_t d = threadIdx.x; d < num_d; d += blockDim.x) dtable[v * num_d + d] = 0.0f;
  for (std::size_t first = 0; first < num_r; first += kRows) {
    __syncthreads();
    for (std::size_t word = threadIdx.x / kWarp; word < kWords; word += blockDim.x / kWarp) {
      const std::size_t r = first + word * kWarp + lane_number();
      const std::uint32_t bits = __ballot_sync(0xFFFFFFFFu, r < num_r && token[r] == v);
      if (lane_number() == 0) own[word] = bits;
    }
    __syncthreads();
    for (std::size_t word = 0; word < kWords; ++word)
      for (std::uint32_t bits = own[word]; bits != 0; bits &= bits - 1) {
        const std::size_t r = first + word * kWarp + __ffs(static_cast<int>(bits)) - 1;
        for (std::size_t d = threadIdx.x; d < num_d; d += blockDim.x) dtable[v * num_d + d] += dout[r * num_d + d];
      }
  }
}

}  // namespace gw::GW_ISA
