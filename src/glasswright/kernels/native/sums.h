// Sums in a fixed order over whole arrays: see sums.py.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct SumArgs {
  const float* x;  // (n,)
  float* out;      // (1,)
  std::size_t n;
};
struct FiniteArgs {
  const float* x;  // (n,)
  bool* out;
  std::size_t n;
};
}  // namespace gw
GW_DECLARE_KERNEL(ordered_sum_of, gw::SumArgs)
GW_DECLARE_KERNEL(sum_of_squares, gw::SumArgs)
GW_DECLARE_KERNEL(all_finite, gw::FiniteArgs)
