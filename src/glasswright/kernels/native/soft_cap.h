// A soft cap on numbers: see soft_cap.py.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct SoftCapArgs {
  const float* x;  // (n,)
  float cap;
  float* out;  // (n,); may be x
  std::size_t n;
};
}  // namespace gw
GW_DECLARE_KERNEL(soft_cap, gw::SoftCapArgs)
