// Rows to their experts and back: see experts.py.
#pragma once
#include <cstddef>
#include <cstdint>

#include "dispatch.h"

namespace gw {

struct DispatchArgs {
  const std::int64_t* expert;  // (rows, chosen), ascending in each row, each below `experts`
  std::int64_t* place;         // (rows, chosen)
  std::int64_t* row;           // (rows * chosen,)
  std::int64_t* count;         // (experts,)
  std::size_t num_rows, num_chosen, num_experts;
};

struct CombineArgs {
  const float* y;             // (rows * chosen, width)
  const std::int64_t* place;  // (rows, chosen), each row of y once
  const float* weight;        // (rows, chosen)
  float* out;                 // (rows, width)
  std::size_t num_rows, num_chosen, width;
};

struct CombineBackwardArgs {
  const float* dout;          // (rows, width)
  const float* y;             // (rows * chosen, width)
  const std::int64_t* place;  // (rows, chosen), each row of y once
  const float* weight;        // (rows, chosen)
  float* dy;                  // (rows * chosen, width)
  float* dweight;             // (rows, chosen)
  std::size_t num_rows, num_chosen, width;
};

}  // namespace gw
GW_DECLARE_KERNEL(dispatch, gw::DispatchArgs)
GW_DECLARE_KERNEL(combine, gw::CombineArgs)
GW_DECLARE_KERNEL(combine_backward, gw::CombineBackwardArgs)
