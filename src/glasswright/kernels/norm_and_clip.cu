// The norm and the factor defined in norm_and_clip.py, bit for bit: one thread, because its sum has one order.
#include "cuda/thread.h"

namespace gw::GW_ISA {

extern "C" __global__ void norm_and_clip(const float* squares, float limit, float* out, std::size_t num_p) {
  if (thread_number() > 0) return;
  float total = 0.0f;
  for (std::size_t p = 0; p < num_p; ++p) total = total + squares[p];
  const float norm = std::sqrt(total);
  out[0] = norm;
  out[1] = norm > limit ? limit / norm : 1.0f;
}

}  // namespace gw::GW_ISA
