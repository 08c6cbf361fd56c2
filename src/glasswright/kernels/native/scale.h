#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct ScaleArgs {
  const float* x;  // (n,)
  float factor;
  float* out;  // (n,); may be x
  std::size_t n;
};
}  // namespace gw
GW_DECLARE_KERNEL(scale, gw::ScaleArgs)
