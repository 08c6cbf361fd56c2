// The rotations defined in rotary.py, bit for bit.
#include "cuda/thread.h"

namespace gw::GW_ISA {

extern "C" __global__ void rotary_table(const float* inverse_frequency, std::size_t first_position, float* cos_Te,
                                        float* sin_Te, std::size_t num_t, std::size_t num_e) {
  const std::size_t i = thread_number();
  if (i >= num_t * num_e) return;
  const float position = static_cast<float>(static_cast<std::int32_t>(first_position + i / num_e));
  const float angle = position * inverse_frequency[i % num_e];
  cos_Te[i] = cos(angle);
  sin_Te[i] = sin(angle);
}

// A thread for each pair of channels, and for each channel behind them, which is copied. out may be x. `between` is
// the distance of two channels that are paired, `step` that of the first of a pair from the first of the next.
extern "C" __global__ void turn(const float* x, const float* cos_Te, const float* sin_Te, float* out, float direction,
                                std::size_t between, std::size_t step, std::size_t num_rh, std::size_t num_h,
                                std::size_t width, std::size_t num_t, std::size_t num_e) {
  const std::size_t i = thread_number(), per_head = width - num_e;
  if (i >= num_rh * per_head) return;
  const std::size_t head = i / per_head, e = i % per_head, t = head / num_h % num_t;
  const float* from = x + head * width;
  float* to = out + head * width;
  if (e >= num_e) {
    to[e + num_e] = from[e + num_e];
    return;
  }
  const float c = cos_Te[t * num_e + e], s = direction * sin_Te[t * num_e + e];
  const float low = from[e * step], high = from[e * step + between];
  to[e * step] = std::fma(low, c, -(high * s));
  to[e * step + between] = std::fma(high, c, low * s);
}

}  // namespace gw::GW_ISA
