// The gated activation: see swiglu.py. It goes element by element, so shapes are flat here.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct SwigluArgs {
  const float* gate;  // (n,)
  const float* up;    // (n,)
  float* out;         // (n,)
  std::size_t n;
};
struct SwigluBackwardArgs {
  const float* dout;  // (n,)
  const float* gate;  // (n,)
  const float* up;    // (n,)
  float* dgate;       // (n,)
  float* dup;         // (n,)
  std::size_t n;
};
}  // namespace gw
GW_DECLARE_KERNEL(swiglu, gw::SwigluArgs)
GW_DECLARE_KERNEL(swiglu_backward, gw::SwigluBackwardArgs)
