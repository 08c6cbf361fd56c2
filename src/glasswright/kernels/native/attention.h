#pragma once
#include <cstddef>
#include <cstdint>

#include "dispatch.h"

namespace gw {

// S sequences, T queries, U keys, H query heads, G key/value heads, E head dimension of queries and keys, F of values.
struct AttentionShape {
  std::size_t S, T, U, H, G, E, F;
};

// What a query makes of the keys: their logits' scale and cap (0: none), and how many it sees (0: all up to its own).
struct AttentionRule {
  float scale;
  std::size_t window;
  float soft_cap;
};

struct AttentionArgs {
  const float* q;  // (S, T, H, E)
  const float* k;  // (S, U, G, E)
  const float* v;  // (S, U, G, F)
  AttentionRule rule;
  float* out;        // (S, T, H, F)
  float* logsumexp;  // (S, H, T)
  AttentionShape shape;
};

// Attention whose keys and values, those of its queries last, come to lie in memory that has room for more.
struct ContinuedAttentionArgs {
  AttentionArgs attention;       // k and v are those of the queries' positions, (S, T, G, E) and (S, T, G, F); U is T
  const std::int64_t* position;  // (1,): of the first query
  float* keys;                   // (S, C, G, E)
  float* values;                 // (S, C, G, F)
  std::size_t room;              // C
};

struct AttentionBackwardArgs {
  const float* dout;       // (S, T, H, F)
  const float* q;          // (S, T, H, E)
  const float* k;          // (S, T, G, E)
  const float* v;          // (S, T, G, F)
  const float* out;        // (S, T, H, F)
  const float* logsumexp;  // (S, H, T)
  AttentionRule rule;
  float* dq;  // (S, T, H, E)
  float* dk;  // (S, T, G, E)
  float* dv;  // (S, T, G, F)
  AttentionShape shape;
};

}  // namespace gw
GW_DECLARE_KERNEL(attention, gw::AttentionArgs)
GW_DECLARE_KERNEL(continued_attention, gw::ContinuedAttentionArgs)
GW_DECLARE_KERNEL(attention_backward, gw::AttentionBackwardArgs)
