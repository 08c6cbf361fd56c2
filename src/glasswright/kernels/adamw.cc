// The optimizer step defined in adamw.py, bit for bit, in one pass over memory.
#include "native/adamw.h"

#include <cmath>

#include "native/float_mode.h"
#include "native/lanes.h"

namespace gw::GW_ISA {

void adamw(const AdamwArgs& args) {
  const FloatMode mode;
  const Vec clip = Vec::set(args.clip), epsilon = Vec::set(args.epsilon);
  const Vec beta1 = Vec::set(args.beta1), rest1 = Vec::set(1.0f - args.beta1);
  const Vec beta2 = Vec::set(args.beta2), rest2 = Vec::set(1.0f - args.beta2);
  const Vec backward_step = Vec::set(-(args.learning_rate / args.bias_correction1));
  const Vec unbias = Vec::set(1.0f / std::sqrt(args.bias_correction2));
  const Vec decay = Vec::set(std::fma(-args.learning_rate, args.weight_decay, 1.0f));

  for_each_vec_parallel(args.n, [&](std::size_t i, auto part) {
    const Vec g = part.load(args.grad + i) * clip;
    const Vec first = fma(beta1, part.load(args.first_moment + i), rest1 * g);
    const Vec second = fma(beta2, part.load(args.second_moment + i), (rest2 * g) * g);
    const Vec update = first / fma(sqrt(second), unbias, epsilon);
    part.store(first, args.first_moment + i);
    part.store(second, args.second_moment + i);
    part.store(fma(backward_step, update, decay * part.load(args.param + i)), args.param + i);
  });
}

}  // namespace gw::GW_ISA
