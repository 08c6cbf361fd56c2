// The soft cap defined in soft_cap.py, bit for bit.
#include "native/soft_cap.h"

#include "native/elementary.h"
#include "native/lanes.h"

namespace gw::GW_ISA {

void soft_cap(const SoftCapArgs& args) {
  const Vec cap = Vec::set(args.cap);
  for_each_vec_parallel(
      args.n, [&](std::size_t i, auto part) { part.store(cap * tanh(part.load(args.x + i) / cap), args.out + i); });
}

}  // namespace gw::GW_ISA
