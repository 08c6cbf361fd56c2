#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {

// S sequences, T queries, U keys, H query heads, G key/value heads, E head dimension.
struct AttentionShape {
  std::size_t S, T, U, H, G, E;
};

struct AttentionArgs {
  const float* q;  // (S, T, H, E)
  const float* k;  // (S, U, G, E)
  const float* v;  // (S, U, G, E)
  float scale;
  float* out;        // (S, T, H, E)
  float* logsumexp;  // (S, H, T)
  AttentionShape shape;
};

struct AttentionBackwardArgs {
  const float* dout;       // (S, T, H, E)
  const float* q;          // (S, T, H, E)
  const float* k;          // (S, T, G, E)
  const float* v;          // (S, T, G, E)
  const float* out;        // (S, T, H, E)
  const float* logsumexp;  // (S, H, T)
  float scale;
  float* dq;  // (S, T, H, E)
  float* dk;  // (S, T, G, E)
  float* dv;  // (S, T, G, E)
  AttentionShape shape;
};

}  // namespace gw
GW_DECLARE_KERNEL(attention, gw::AttentionArgs)
GW_DECLARE_KERNEL(attention_backward, gw::AttentionBackwardArgs)
