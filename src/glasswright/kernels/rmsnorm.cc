// The normalization defined in rmsnorm.py, bit for bit.
#include "native/rmsnorm.h"

#include <cmath>

#include "native/lanes.h"
#include "native/rows.h"

namespace gw::GW_ISA {
namespace {

void normalize(const float* x, const float* gain, float epsilon, std::size_t width, float* out, float* rstd) {
  *rstd = 1.0f / std::sqrt(ordered_dot(x, x, width) / static_cast<float>(width) + epsilon);
  const Vec scale = Vec::set(*rstd);
  for_each_vec(
      width, [&](std::size_t d, auto part) { part.store((part.load(x + d) * scale) * part.load(gain + d), out + d); });
}

void gain_gradients(const RmsnormBackwardArgs& args) {
  sum_over_rows(args.num_rows, args.width, args.dgain, [&](std::size_t r, std::size_t d, auto part, Vec sum) {
    const std::size_t i = r * args.width + d;
    return fma(part.load(args.dout + i), part.load(args.x + i) * Vec::set(args.rstd[r]), sum);
  });
}

void row_gradient(const RmsnormBackwardArgs& args, std::size_t r) {
  const float* dout = args.dout + r * args.width;
  const float* x = args.x + r * args.width;
  float* dx = args.dx + r * args.width;
  const Vec rstd = Vec::set(args.rstd[r]);
  LaneSum sum;
  for_each_slot(args.width, [&](std::size_t d, int slot, auto part) {
    sum.add_product(slot, part, part.load(dout + d) * part.load(args.gain + d), part.load(x + d) * rstd);
  });
  const Vec c = Vec::set(-(sum.total() / static_cast<float>(args.width)));
  for_each_vec(args.width, [&](std::size_t d, auto part) {
    const Vec dn = part.load(dout + d) * part.load(args.gain + d);
    const Vec through_norm = rstd * fma(c, part.load(x + d) * rstd, dn);
    part.store(args.dsum ? part.load(args.dsum + r * args.width + d) + through_norm : through_norm, dx + d);
  });
}

}  // namespace

void rmsnorm(const RmsnormArgs& args) {
  for_each_row(args.num_rows, args.width, [&](std::size_t r) {
    const std::size_t row = r * args.width;
    const float* x = args.x + row;
    if (args.delta) {
      for_each_vec(args.width, [&](std::size_t d, auto part) {
        part.store(part.load(x + d) + part.load(args.delta + row + d), args.sum + row + d);
      });
      x = args.sum + row;
    }
    normalize(x, args.gain, args.epsilon, args.width, args.out + row, args.rstd + r);
  });
}

// dgain first: it reads what dx may overwrite.
void rmsnorm_backward(const RmsnormBackwardArgs& args) {
  gain_gradients(args);
  for_each_row(args.num_rows, args.width, [&](std::size_t r) { row_gradient(args, r); });
}

}  // namespace gw::GW_ISA
