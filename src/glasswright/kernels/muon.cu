// The passes over elements of the update defined in muon.py, bit for bit; its products are those of matmul.cu or
// integer_matmul.cu, taken as in muon.cc from the side on which u lies.
#include "cuda/thread.h"

namespace gw::GW_ISA {

// Newton-Schulz coefficients, K. Jordan et al. 2024.
constexpr float kA = 0x1.b8e560p+1f, kB = -0x1.31999ap+2f, kC = 0x1.040832p+1f;
constexpr float kEpsilon = 0x1.ad7f2ap-24f;
constexpr float kRms = 0x1.99999ap-3f;

// The momentum, and x = the update it gives.
extern "C" __global__ void muon_nesterov(const float* grad, float* momentum, float* x, float clip, float beta,
                                         std::size_t n) {
  const std::size_t i = thread_number();
  if (i >= n) return;
  const float g = clip * grad[i], moved = std::fma(beta, momentum[i], g);
  momentum[i] = moved;
  x[i] = std::fma(beta, moved, g);
}

extern "C" __global__ void muon_normalize(float* x, const float* squares, std::size_t n) {
  const std::size_t i = thread_number();
  if (i < n) x[i] = x[i] * (1.0f / (std::sqrt(*squares) + kEpsilon));
}

// S becomes B.
extern "C" __global__ void muon_polynomial(float* gram, const float* square, std::size_t n) {
  const std::size_t i = thread_number();
  if (i < n) gram[i] = std::fma(kC, square[i], kB * gram[i]);
}

extern "C" __global__ void muon_step(float* x, const float* product, std::size_t n) {
  const std::size_t i = thread_number();
  if (i < n) x[i] = std::fma(kA, x[i], product[i]);
}

extern "C" __global__ void muon_move(float* param, const float* x, float learning_rate, float weight_decay,
                                     std::size_t longer_side, std::size_t n) {
  const std::size_t i = thread_number();
  if (i >= n) return;
  const float scale = kRms * std::sqrt(static_cast<float>(longer_side));
  param[i] = std::fma(-learning_rate, std::fma(weight_decay, param[i], scale * x[i]), param[i]);
}

}  // namespace gw::GW_ISA
