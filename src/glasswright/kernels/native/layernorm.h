// Layer normalization: see layernorm.py. `sum` stands for x where nothing is added before.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct LayernormArgs {
  const float* x;      // (rows, width)
  const float* delta;  // (rows, width), or null: nothing is added
  const float* gain;   // (width,)
  const float* bias;   // (width,)
  float epsilon;
  float* sum;   // (rows, width); null where delta is
  float* out;   // (rows, width)
  float* mean;  // (rows,)
  float* rstd;  // (rows,)
  std::size_t num_rows, width;
};
struct LayernormBackwardArgs {
  const float* dsum;  // (rows, width)
  const float* dout;  // (rows, width)
  const float* x;     // (rows, width): what was normalized
  const float* gain;  // (width,)
  const float* mean;  // (rows,)
  const float* rstd;  // (rows,)
  float* dx;          // (rows, width); may be dsum, dout or x
  float* dgain;       // (width,)
  float* dbias;       // (width,)
  std::size_t num_rows, width;
};
}  // namespace gw
GW_DECLARE_KERNEL(layernorm, gw::LayernormArgs)
GW_DECLARE_KERNEL(layernorm_backward, gw::LayernormBackwardArgs)
