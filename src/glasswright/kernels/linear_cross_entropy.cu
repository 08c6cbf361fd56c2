// The rows of the loss defined in linear_cross_entropy.py, bit for bit: a row a warp. Its products are those of
// matmul.cu or integer_matmul.cu.
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr std::int64_t kNotCounted = -1;

// exp(x), and +0 where x is below `far`: minus infinity in version 1.
inline float exp_of(float x, float far) { return x < far ? 0.0f : exp(x); }

struct Cap {
  float cap;  // 0 for none

  float tanh_of(float logit) const { return tanh(logit / cap); }
  float capped(float logit) const { return cap == 0.0f ? logit : cap * tanh_of(logit); }
  float slope(float logit) const {
    const float t = tanh_of(logit);
    return std::fma(-t, t, 1.0f);
  }
};

inline float largest_of_row(const float* logit, const Cap& cap, std::size_t num_v) {
  float largest = -kInfinity;
  for_each_in_row(num_v, [&](std::size_t v) {
    const float candidate = cap.capped(logit[v]);
    largest = largest < candidate ? candidate : largest;
  });
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const float candidate = __shfl_xor_sync(0xFFFFFFFFu, largest, distance);
    largest = largest < candidate ? candidate : largest;
  }
  return largest;
}

// Each row's loss and, where they are wanted, its gradients in the place of its logits. A target that the vocabulary
// lacks gives a loss of NaN (see embedding.cu).
extern "C" __global__ void losses_of_rows(float* logits, const std::int64_t* target, float scale, float soft_cap,
                                          float far, float* loss, std::size_t num_r, std::size_t num_v,
                                          std::size_t wants_gradients) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  float* logit = logits + r * num_v;
  const Cap cap{soft_cap};
  const std::int64_t own = target[r];
  if (own == kNotCounted) {
    if (lane_number() == 0) loss[r] = 0.0f;
    if (wants_gradients) for_each_in_row(num_v, [&](std::size_t v) { logit[v] = 0.0f; });
    return;
  }
  const float largest = largest_of_row(logit, cap, num_v);
  const float sum = ordered_fold(
      num_v, [&](std::size_t v, float lane) { return lane + exp_of(cap.capped(logit[v]) - largest, far); });
  if (lane_number() == 0) {
    const bool is_known = 0 <= own && own < static_cast<std::int64_t>(num_v);
    loss[r] = is_known ? log(sum) - (cap.capped(logit[own]) - largest) : kNaN;
  }
  if (!wants_gradients) return;
  __syncwarp();  // the target's logit has been read
  const float scale_over_sum = scale / sum;
  for_each_in_row(num_v, [&](std::size_t v) {
    const float e = exp_of(cap.capped(logit[v]) - largest, far);
    const bool is_target = static_cast<std::int64_t>(v) == own;
    const float gradient = is_target ? std::fma(e, scale_over_sum, -scale) : e * scale_over_sum;
    logit[v] = soft_cap == 0.0f ? gradient : gradient * cap.slope(logit[v]);
  });
}

}  // namespace gw::GW_ISA
