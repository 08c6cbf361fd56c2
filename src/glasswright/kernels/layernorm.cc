// The normalization defined in layernorm.py, bit for bit.
#include "native/layernorm.h"

#include <cmath>

#include "native/lanes.h"
#include "native/rows.h"

namespace gw::GW_ISA {
namespace {

void normalize(const LayernormArgs& args, std::size_t r, const float* x) {
  const float width = static_cast<float>(args.width);
  args.mean[r] = ordered_sum(x, args.width) / width;
  const Vec mean = Vec::set(args.mean[r]);
  LaneSum squares;
  for_each_slot(args.width, [&](std::size_t d, int slot, auto part) {
    const Vec y = part.load(x + d) - mean;
    squares.add_product(slot, part, y, y);
  });
  args.rstd[r] = 1.0f / std::sqrt(squares.total() / width + args.epsilon);
  const Vec rstd = Vec::set(args.rstd[r]);
  float* out = args.out + r * args.width;
  for_each_vec(args.width, [&](std::size_t d, auto part) {
    part.store(fma((part.load(x + d) - mean) * rstd, part.load(args.gain + d), part.load(args.bias + d)), out + d);
  });
}

void gain_and_bias_gradients(const LayernormBackwardArgs& args) {
  const std::size_t width = args.width;
  sum_over_rows(args.num_rows, width, args.dgain, [&](std::size_t r, std::size_t d, auto part, Vec sum) {
    const std::size_t i = r * width + d;
    const Vec n = (part.load(args.x + i) - Vec::set(args.mean[r])) * Vec::set(args.rstd[r]);
    return fma(part.load(args.dout + i), n, sum);
  });
  sum_over_rows(args.num_rows, width, args.dbias, [&](std::size_t r, std::size_t d, auto part, Vec sum) {
    return sum + part.load(args.dout + r * width + d);
  });
}

void row_gradient(const LayernormBackwardArgs& args, std::size_t r) {
  const std::size_t row = r * args.width;
  const float width = static_cast<float>(args.width);
  const Vec mean = Vec::set(args.mean[r]), rstd = Vec::set(args.rstd[r]);
  const auto normed = [&](std::size_t d, auto part) { return (part.load(args.x + row + d) - mean) * rstd; };
  const auto through_gain = [&](std::size_t d, auto part) {
    return part.load(args.dout + row + d) * part.load(args.gain + d);
  };
  LaneSum sum, dot;
  for_each_slot(args.width, [&](std::size_t d, int slot, auto part) {
    const Vec dn = through_gain(d, part);
    sum.add(slot, part, dn);
    dot.add_product(slot, part, dn, normed(d, part));
  });
  const Vec b = Vec::set(sum.total() / width), c = Vec::set(-(dot.total() / width));
  for_each_vec(args.width, [&](std::size_t d, auto part) {
    const Vec through_norm = rstd * fma(c, normed(d, part), through_gain(d, part) - b);
    part.store(part.load(args.dsum + row + d) + through_norm, args.dx + row + d);
  });
}

}  // namespace

void layernorm(const LayernormArgs& args) {
  for_each_row(args.num_rows, args.width, [&](std::size_t r) {
    const std::size_t row = r * args.width;
    const float* x = args.x + row;
    if (args.delta) {
      for_each_vec(args.width, [&](std::size_t d, auto part) {
        part.store(part.load(x + d) + part.load(args.delta + row + d), args.sum + row + d);
      });
      x = args.sum + row;
    }
    normalize(args, r, x);
  });
}

// The gradients of gain and bias first: they read what dx may overwrite.
void layernorm_backward(const LayernormBackwardArgs& args) {
  gain_and_bias_gradients(args);
  for_each_row(args.num_rows, args.width, [&](std::size_t r) { row_gradient(args, r); });
}

}  // namespace gw::GW_ISA
