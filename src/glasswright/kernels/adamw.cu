// The optimizer step defined in adamw.py, bit for bit, in one pass over memory.
#include "cuda/thread.h"

namespace gw::GW_ISA {

extern "C" __global__ void adamw(float* param, const float* grad, float* first_moment, float* second_moment, float clip,
                                 float learning_rate, float beta1, float beta2, float epsilon, float weight_decay,
                                 float bias_correction1, float bias_correction2, std::size_t n) {
  const std::size_t i = thread_number();
  if (i >= n) return;
  const float step = learning_rate / bias_correction1;
  const float unbias = 1.0f / std::sqrt(bias_correction2);
  const float decay = std::fma(-learning_rate, weight_decay, 1.0f);
  const float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;

  const float g = grad[i] * clip;
  const float first = std::fma(beta1, first_moment[i], rest1 * g);
  const float second = std::fma(beta2, second_moment[i], (rest2 * g) * g);
  const float update = first / std::fma(std::sqrt(second), unbias, epsilon);
  first_moment[i] = first;
  second_moment[i] = second;
  param[i] = std::fma(-step, update, decay * param[i]);
}

}  // namespace gw::GW_ISA
