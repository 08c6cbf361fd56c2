// A bias on every row: see bias.py.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct AddBiasArgs {
  const float* x;     // (rows, width)
  const float* bias;  // (width,)
  float* out;         // (rows, width); may be x
  std::size_t num_rows, width;
};
struct BiasGradientArgs {
  const float* dout;  // (rows, width)
  float* dbias;       // (width,)
  std::size_t num_rows, width;
};
}  // namespace gw
GW_DECLARE_KERNEL(add_bias, gw::AddBiasArgs)
GW_DECLARE_KERNEL(bias_gradient, gw::BiasGradientArgs)
