#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {

// Terms per chunk of a matrix product's sum (rule 3). Part of the definition: another number gives other bits.
constexpr std::size_t kChunk = 512;

// How a product's operands lie in memory, n = as written, t = transposed:
//
//   nt   out_MN = a_MK b_NK^T      a layer's output
//   nn   out_MN = a_MK b_KN        its input's gradient
//   tn   out_MN = a_KM^T b_KN      its weight's gradient
enum class Layout { nt, nn, tn };

struct MatmulArgs {
  const float* a;
  const float* b;
  float* out;  // (num_m, num_n)
  std::size_t num_m;
  std::size_t num_n;
  std::size_t num_k;
  Layout layout;
  // The chunk sums follow those already in out: a product whose K arrives in pieces of whole chunks.
  bool adds_to_out = false;
  // The caller knows that out is its own transpose, bit for bit: one triangle is computed, the other mirrored.
  bool is_symmetric = false;
};

}  // namespace gw
GW_DECLARE_KERNEL(matmul, gw::MatmulArgs)
