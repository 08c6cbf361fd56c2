// The sums defined in bias.py, bit for bit.
#include "native/bias.h"

#include "native/lanes.h"
#include "native/rows.h"

namespace gw::GW_ISA {

void add_bias(const AddBiasArgs& args) {
  for_each_row(args.num_rows, args.width, [&](std::size_t r) {
    const std::size_t row = r * args.width;
    for_each_vec(args.width, [&](std::size_t n, auto part) {
      part.store(part.load(args.x + row + n) + part.load(args.bias + n), args.out + row + n);
    });
  });
}

void bias_gradient(const BiasGradientArgs& args) {
  sum_over_rows(args.num_rows, args.width, args.dbias, [&](std::size_t r, std::size_t n, auto part, Vec sum) {
    return sum + part.load(args.dout + r * args.width + n);
  });
}

}  // namespace gw::GW_ISA
