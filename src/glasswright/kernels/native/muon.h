#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {

struct MuonArgs {
  float* param;       // (num_m, num_n), updated
  const float* grad;  // (num_m, num_n)
  float* momentum;    // (num_m, num_n), updated
  float clip;
  float learning_rate;
  float momentum_beta;
  float weight_decay;
  std::size_t num_m;
  std::size_t num_n;
  bool by_integers = false;  // version 2: the products are those of integer_matmul
};

}  // namespace gw
GW_DECLARE_KERNEL(muon, gw::MuonArgs)
