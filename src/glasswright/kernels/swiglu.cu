// The gated activation defined in swiglu.py, bit for bit.
#include "cuda/thread.h"

namespace gw::GW_ISA {

extern "C" __global__ void swiglu(const float* gate, const float* up, float* out, std::size_t n) {
  const std::size_t i = thread_number();
  if (i < n) out[i] = (gate[i] * sigmoid(gate[i])) * up[i];
}

// Either result may be written over any input.
extern "C" __global__ void swiglu_backward(const float* dout, const float* gate, const float* up, float* dgate,
                                           float* dup, std::size_t n) {
  const std::size_t i = thread_number();
  if (i >= n) return;
  const float d = dout[i], g = gate[i], u = up[i], s = sigmoid(g);
  dup[i] = d * (g * s);
  dgate[i] = (d * u) * (s * std::fma(g, 1.0f - s, 1.0f));
}

}  // namespace gw::GW_ISA
