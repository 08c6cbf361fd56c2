// A product that is its own transpose: one triangle is computed, the other is a copy.
#pragma once

#include <algorithm>
#include <cstddef>

#include "matmul.h"
#include "matmul_pack.h"
#include "pool.h"

namespace gw::GW_ISA {

// The lower triangle from the upper, by squares of 16.
inline void mirror(const MatmulArgs& args) {
  const std::size_t side = args.num_m;
  parallel_for(quotient_up(side, 16), [&](std::size_t task) {
    const std::size_t m = task * 16;
    if (m + 16 <= side)
      for (std::size_t n = 0; n < m; n += 16)
        transpose_16x16(args.out + n * side + m, side, args.out + m * side + n, side);
    for (std::size_t i = m; i < std::min(m + 16, side); ++i)
      for (std::size_t n = m + 16 <= side ? m : 0; n < i; ++n) args.out[i * side + n] = args.out[n * side + i];
  });
}

}  // namespace gw::GW_ISA
