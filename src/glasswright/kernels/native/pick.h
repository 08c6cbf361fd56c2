// The choice of the next token: see pick.py.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct PickArgs {
  const float* logits;  // (num_v,), at least one
  float temperature, fraction;
  std::size_t* token;
  std::size_t num_v;
};
}  // namespace gw
GW_DECLARE_KERNEL(pick, gw::PickArgs)
