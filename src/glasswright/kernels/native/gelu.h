// The activations named after the normal distribution: see gelu.py. They go element by element, so shapes are flat
// here.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct GeluArgs {
  const float* x;   // (n,)
  const float* up;  // (n,), or null: no gate
  float* out;       // (n,)
  std::size_t n;
};
struct GeluBackwardArgs {
  const float* dout;  // (n,)
  const float* x;     // (n,): the gate where there is one
  const float* up;    // (n,), or null: no gate
  float* dx;          // (n,)
  float* dup;         // (n,); null where up is
  std::size_t n;
};
}  // namespace gw
GW_DECLARE_KERNEL(gelu, gw::GeluArgs)
GW_DECLARE_KERNEL(gelu_backward, gw::GeluBackwardArgs)
GW_DECLARE_KERNEL(gelu_tanh, gw::GeluArgs)
GW_DECLARE_KERNEL(gelu_tanh_backward, gw::GeluBackwardArgs)
