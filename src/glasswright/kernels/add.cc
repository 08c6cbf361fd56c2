// The elementwise sum defined in add.py, bit for bit.
#include "native/add.h"

#include <algorithm>

#include "native/pool.h"
#include "native/simd.h"

namespace gw::GW_ISA {

// Elements per task: 64 KiB of each operand, a good part of a first-level cache.
constexpr std::size_t kBlock = 1 << 14;

void add(const AddArgs& args) {
  parallel_for((args.n + kBlock - 1) / kBlock, [&](std::size_t task) {
    std::size_t i = task * kBlock;
    const std::size_t end = std::min(args.n, i + kBlock);
    for (; i + Vec::kLanes <= end; i += Vec::kLanes)
      (Vec::load(args.a + i) + Vec::load(args.b + i)).store(args.out + i);
    const int rest = static_cast<int>(end - i);
    if (rest > 0)
      (Vec::load_first(args.a + i, rest) + Vec::load_first(args.b + i, rest)).store_first(args.out + i, rest);
  });
}

}  // namespace gw::GW_ISA
