// The normalization defined in layernorm.py, bit for bit: a row a warp, and for gain and bias a column a thread.
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr std::size_t kRowsChunk = 512;

inline void normalize(const float* x, const float* gain, const float* bias, float epsilon, float* out, float* mean,
                      float* rstd, std::size_t num_d) {
  const float width = static_cast<float>(num_d);
  const float m = ordered_fold(num_d, [&](std::size_t d, float lane) { return lane + x[d]; }) / width;
  const float squares =
      ordered_fold(num_d, [&](std::size_t d, float lane) { return std::fma(x[d] - m, x[d] - m, lane); });
  const float r = 1.0f / std::sqrt(squares / width + epsilon);
  if (lane_number() == 0) *mean = m, *rstd = r;
  for_each_in_row(num_d, [&](std::size_t d) { out[d] = std::fma((x[d] - m) * r, gain[d], bias[d]); });
}

extern "C" __global__ void layernorm(const float* x, const float* gain, const float* bias, float epsilon, float* out,
                                     float* mean, float* rstd, std::size_t num_r, std::size_t num_d) {
  const std::size_t r = warp_number();
  if (r < num_r) normalize(x + r * num_d, gain, bias, epsilon, out + r * num_d, mean + r, rstd + r, num_d);
}

// sum may be x or delta.
extern "C" __global__ void add_layernorm(const float* x, const float* delta, const float* gain, const float* bias,
                                         float epsilon, float* sum, float* out, float* mean, float* rstd,
                                         std::size_t num_r, std::size_t num_d) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  for_each_in_row(num_d, [&](std::size_t d) { sum[r * num_d + d] = x[r * num_d + d] + delta[r * num_d + d]; });
  __syncwarp();
  normalize(sum + r * num_d, gain, bias, epsilon, out + r * num_d, mean + r, rstd + r, num_d);
}

// dx may be dsum, dout or x.
extern "C" __global__ void layernorm_dx(const float* dsum, const float* dout, const float* x, const float* gain,
                                        const float* mean, const float* rstd, float* dx, std::size_t num_r,
                                        std::size_t num_d) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  const std::size_t row = r * num_d;
  const float width = static_cast<float>(num_d);
  const auto normed = [&](std::size_t d) { return (x[row + d] - mean[r]) * rstd[r]; };
  const auto dnormed = [&](std::size_t d) { return dout[row + d] * gain[d]; };
  const float b = ordered_fold(num_d, [&](std::size_t d, float lane) { return lane + dnormed(d); }) / width;
  const float c =
      ordered_fold(num_d, [&](std::size_t d, float lane) { return std::fma(dnormed(d), normed(d), lane); }) / width;
  for_each_in_row(
      num_d, [&](std::size_t d) { dx[row + d] = dsum[row + d] + rstd[r] * std::fma(-c, normed(d), dnormed(d) - b); });
}

// One chunk of 512 rows of the gain's gradient, a column a thread: part[chunk][d].
extern "C" __global__ void layernorm_dgain_of_chunks(const float* dout, const float* x, const float* mean,
                                                     const float* rstd, float* part, std::size_t num_r,
                                                     std::size_t num_d) {
  const std::size_t d = thread_number(), chunk = blockIdx.y;
  if (d >= num_d) return;
  float sum = 0.0f;
  for (std::size_t r = chunk * kRowsChunk; r < smaller(num_r, (chunk + 1) * kRowsChunk); ++r)
    sum = std::fma(dout[r * num_d + d], (x[r * num_d + d] - mean[r]) * rstd[r], sum);
  part[chunk * num_d + d] = sum;
}

}  // namespace gw::GW_ISA
