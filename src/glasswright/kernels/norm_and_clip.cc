// The gradient norm and its clipping factor defined in norm_and_clip.py, bit for bit.
#include "native/norm_and_clip.h"

#include <cmath>

#include "native/float_mode.h"

namespace gw::GW_ISA {

void norm_and_clip(const NormAndClipArgs& args) {
  const FloatMode mode;
  float total = 0.0f;
  for (std::size_t p = 0; p < args.num_parameters; ++p) total += args.squares[p];
  const float norm = std::sqrt(total);
  args.out[0] = norm;
  args.out[1] = norm > args.limit ? args.limit / norm : 1.0f;
}

}  // namespace gw::GW_ISA
