// The gated activation defined in swiglu.py, bit for bit.
#include "native/swiglu.h"

#include "native/elementary.h"
#include "native/lanes.h"

namespace gw::GW_ISA {

void swiglu(const SwigluArgs& args) {
  for_each_vec_parallel(args.n, [&](std::size_t i, auto part) {
    const Vec gate = part.load(args.gate + i);
    part.store((gate * sigmoid(gate)) * part.load(args.up + i), args.out + i);
  });
}

void swiglu_backward(const SwigluBackwardArgs& args) {
  for_each_vec_parallel(args.n, [&](std::size_t i, auto part) {
    const Vec one = Vec::set(1.0f);
    const Vec dout = part.load(args.dout + i), gate = part.load(args.gate + i), up = part.load(args.up + i);
    const Vec s = sigmoid(gate);
    part.store(dout * (gate * s), args.dup + i);
    part.store((dout * up) * (s * fma(gate, one - s, one)), args.dgate + i);
  });
}

}  // namespace gw::GW_ISA
