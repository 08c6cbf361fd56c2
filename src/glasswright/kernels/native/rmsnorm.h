// Root-mean-square normalization: see rmsnorm.py. `sum` stands for x where nothing is added before.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct RmsnormArgs {
  const float* x;      // (rows, width)
  const float* delta;  // (rows, width), or null: nothing is added
  const float* gain;   // (width,)
  float epsilon;
  float* sum;   // (rows, width); null where delta is
  float* out;   // (rows, width)
  float* rstd;  // (rows,)
  std::size_t num_rows, width;
};
struct RmsnormBackwardArgs {
  const float* dsum;  // (rows, width), or null: no residual path
  const float* dout;  // (rows, width)
  const float* x;     // (rows, width): what was normalized
  const float* gain;  // (width,)
  const float* rstd;  // (rows,)
  float* dx;          // (rows, width); may be dsum, dout or x
  float* dgain;       // (width,)
  std::size_t num_rows, width;
};
}  // namespace gw
GW_DECLARE_KERNEL(rmsnorm, gw::RmsnormArgs)
GW_DECLARE_KERNEL(rmsnorm_backward, gw::RmsnormBackwardArgs)
