// The gradient norm and the factor that clips it: see norm_and_clip.py.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct NormAndClipArgs {
  const float* squares;  // (num_parameters,)
  float limit;
  float* out;  // (2,): norm, clip
  std::size_t num_parameters;
};
}  // namespace gw
GW_DECLARE_KERNEL(norm_and_clip, gw::NormAndClipArgs)
