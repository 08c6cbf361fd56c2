// The choice of experts: see router.py.
#pragma once
#include <cstddef>
#include <cstdint>

#include "dispatch.h"

namespace gw {

struct RouterArgs {
  const float* logits;  // (rows, experts)
  const float* bias;    // (experts,); null for softmax
  std::size_t num_groups, num_kept;
  bool is_normalized;
  float scale;
  float* score;          // (rows, experts)
  std::int64_t* expert;  // (rows, chosen)
  float* weight;         // (rows, chosen)
  std::size_t num_rows, num_experts, num_chosen;
};

struct RouterBackwardArgs {
  const float* dweight;        // (rows, chosen)
  const float* score;          // (rows, experts)
  const std::int64_t* expert;  // (rows, chosen), ascending in each row, each below `experts`
  bool is_normalized;
  float scale;
  float* dlogits;  // (rows, experts)
  std::size_t num_rows, num_experts, num_chosen;
};

}  // namespace gw
GW_DECLARE_KERNEL(softmax_router, gw::RouterArgs)
GW_DECLARE_KERNEL(sigmoid_router, gw::RouterArgs)
GW_DECLARE_KERNEL(softmax_router_backward, gw::RouterBackwardArgs)
GW_DECLARE_KERNEL(sigmoid_router_backward, gw::RouterBackwardArgs)
