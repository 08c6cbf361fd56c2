// One step of AdamW: see adamw.py.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct AdamwArgs {
  float* param;          // (n,)
  const float* grad;     // (n,)
  float* first_moment;   // (n,)
  float* second_moment;  // (n,)
  float clip, learning_rate, beta1, beta2, epsilon, weight_decay, bias_correction1, bias_correction2;
  std::size_t n;
};
}  // namespace gw
GW_DECLARE_KERNEL(adamw, gw::AdamwArgs)
