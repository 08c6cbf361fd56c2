#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct AddArgs {
  const float* a;  // (n,)
  const float* b;  // (n,)
  float* out;      // (n,); may be a or b
  std::size_t n;
};
}  // namespace gw
GW_DECLARE_KERNEL(add, gw::AddArgs)
