#pragma once
#include <cstddef>
#include <cstdint>

#include "dispatch.h"

namespace gw {

constexpr std::int64_t kNotCounted = -1;  // a target that asks for nothing

struct LinearCrossEntropyArgs {
  const float* x;              // (num_r, num_d)
  const float* weight;         // (num_v, num_d)
  const std::int64_t* target;  // (num_r,)
  float scale;
  float soft_cap;  // 0 for none
  float* loss;     // (num_r,)
  float* dx;       // (num_r, num_d); null: the loss alone
  float* dweight;  // (num_v, num_d); null: the weight is frozen, or the loss alone
  std::size_t num_r;
  std::size_t num_v;
  std::size_t num_d;
  bool by_integers = false;  // version 2: the products of integer_matmul, and no terms that are far below the sum
};

}  // namespace gw
GW_DECLARE_KERNEL(linear_cross_entropy, gw::LinearCrossEntropyArgs)
