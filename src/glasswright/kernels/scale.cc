// The elementwise product with a number defined in scale.py, bit for bit.
#include "native/scale.h"

#include "native/lanes.h"

namespace gw::GW_ISA {

void scale(const ScaleArgs& args) {
  for_each_vec_parallel(args.n, [&](std::size_t i, auto part) {
    part.store(part.load(args.x + i) * Vec::set(args.factor), args.out + i);
  });
}

}  // namespace gw::GW_ISA
