// The cap on logits defined in soft_cap.py, bit for bit.
#include "cuda/thread.h"

namespace gw::GW_ISA {

extern "C" __global__ void soft_cap(const float* x, float cap, float* out, std::size_t n) {
  const std::size_t i = thread_number();
  if (i < n) out[i] = cap * tanh(x[i] / cap);
}

}  // namespace gw::GW_ISA
