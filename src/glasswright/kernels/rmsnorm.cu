// The normalization defined in rmsnorm.py, bit for bit: a row a warp, and for the gain a column a thread.
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr std::size_t kRowsChunk = 512;

inline void normalize(const float* x, const float* gain, float epsilon, float* out, float* rstd, std::size_t num_d) {
  const float mean = ordered_dot(x, x, num_d) / static_cast<float>(num_d);
  const float r = 1.0f / std::sqrt(mean + epsilon);
  if (lane_number() == 0) *rstd = r;
  for_each_in_row(num_d, [&](std::size_t d) { out[d] = (x[d] * r) * gain[d]; });
}

extern "C" __global__ void rmsnorm(const float* x, const float* gain, float epsilon, float* out, float* rstd,
                                   std::size_t num_r, std::size_t num_d) {
  const std::size_t r = warp_number();
  if (r < num_r) normalize(x + r * num_d, gain, epsilon, out + r * num_d, rstd + r, num_d);
}

// sum may be x or delta.
extern "C" __global__ void add_rmsnorm(const float* x, const float* delta, const float* gain, float epsilon, float* sum,
                                       float* out, float* rstd, std::size_t num_r, std::size_t num_d) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  for_each_in_row(num_d, [&](std::size_t d) { sum[r * num_d + d] = x[r * num_d + d] + delta[r * num_d + d]; });
  __syncwarp();
  normalize(sum + r * num_d, gain, epsilon, out + r * num_d, rstd + r, num_d);
}

// The gradient of x, with what comes back along the stream added where there is any. dx may be dsum, dout or x.
extern "C" __global__ void rmsnorm_dx(const float* dsum, const float* dout, const float* x, const float* gain,
                                      const float* rstd, float* dx, std::size_t num_r, std::size_t num_d) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  const std::size_t row = r * num_d;
  const float dot = ordered_fold(
      num_d, [&](std::size_t d, float lane) { return std::fma(dout[row + d] * gain[d], x[row + d] * rstd[r], lane); });
  const float c = dot / static_cast<float>(num_d);
  for_each_in_row(num_d, [&](std::size_t d) {
    const float through = rstd[r] * std::fma(-c, x[row + d] * rstd[r], dout[row + d] * gain[d]);
    dx[row + d] = dsum == nullptr ? through : dsum[row + d] + through;
  });
}

// One chunk of 512 rows of the gain's gradient, a column a thread: part[chunk][d].
extern "C" __global__ void rmsnorm_dgain_of_chunks(const float* dout, const float* x, const float* rstd, float* part,
                                                   std::size_t num_r, std::size_t num_d) {
  const std::size_t d = thread_number(), chunk = blockIdx.y;
  if (d >= num_d) return;
  float sum = 0.0f;
  for (std::size_t r = chunk * kRowsChunk; r < smaller(num_r, (chunk + 1) * kRowsChunk); ++r)
    sum = std::fma(dout[r * num_d + d], x[r * num_d + d] * rstd[r], sum);
  part[chunk * num_d + d] = sum;
}

}  // namespace gw::GW_ISA
