// Kernels that are one elementary function, element by element: exp, log, sin, cos, sigmoid, tanh, erf.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct MapArgs {
  const float* x;  // (n,)
  float* out;      // (n,); may be x
  std::size_t n;
};
}  // namespace gw
GW_DECLARE_KERNEL(map_exp, gw::MapArgs)
GW_DECLARE_KERNEL(map_log, gw::MapArgs)
GW_DECLARE_KERNEL(map_sin, gw::MapArgs)
GW_DECLARE_KERNEL(map_cos, gw::MapArgs)
GW_DECLARE_KERNEL(map_sigmoid, gw::MapArgs)
GW_DECLARE_KERNEL(map_tanh, gw::MapArgs)
GW_DECLARE_KERNEL(map_erf, gw::MapArgs)
