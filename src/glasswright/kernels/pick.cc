// The choice of a token defined in pick.py, bit for bit.
#include "native/pick.h"

#include <limits>
#include <vector>

#include "native/elementary.h"
#include "native/float_mode.h"
#include "native/lanes.h"

namespace gw::GW_ISA {

void pick(const PickArgs& args) {
  const FloatMode mode;
  float max = -std::numeric_limits<float>::infinity();
  std::size_t likeliest = 0;
  for (std::size_t v = 0; v < args.num_v; ++v)
    if (max < args.logits[v]) max = args.logits[likeliest = v];
  if (args.temperature == 0.0f) {
    *args.token = likeliest;
    return;
  }
  std::vector<float> total(args.num_v);
  const Vec highest = Vec::set(max), temperature = Vec::set(args.temperature);
  for_each_vec(args.num_v, [&](std::size_t v, auto part) {
    part.store(exp((part.load(args.logits + v) - highest) / temperature), total.data() + v);
  });
  for (std::size_t v = 1; v < args.num_v; ++v) total[v] += total[v - 1];
  const float threshold = args.fraction * total.back();
  *args.token = args.num_v - 1;
  for (std::size_t v = args.num_v; v-- > 0;)
    if (total[v] > threshold) *args.token = v;
}

}  // namespace gw::GW_ISA
