// The sums defined in sums.py, bit for bit.
#include "native/sums.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "native/float_mode.h"
#include "native/lanes.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

constexpr std::size_t kSquaresBlock = 1 << 16;
constexpr std::size_t kFiniteBlock = 1 << 16;

}  // namespace

void ordered_sum_of(const SumArgs& args) {
  const FloatMode mode;
  *args.out = ordered_sum(args.x, args.n);
}

void sum_of_squares(const SumArgs& args) {
  std::vector<float> blocks((args.n + kSquaresBlock - 1) / kSquaresBlock);
  parallel_for(blocks.size(), [&](std::size_t task) {
    const float* x = args.x + task * kSquaresBlock;
    blocks[task] = ordered_dot(x, x, std::min(args.n - task * kSquaresBlock, kSquaresBlock));
  });
  const FloatMode mode;
  float total = 0.0f;
  for (const float block : blocks) total += block;
  *args.out = total;
}

void all_finite(const FiniteArgs& args) {
  std::atomic<bool> finite{true};
  parallel_for((args.n + kFiniteBlock - 1) / kFiniteBlock, [&](std::size_t task) {
    // Without the sign, the bits of infinity are the smallest of all that are not finite.
    std::uint32_t largest = 0;
    const std::size_t end = std::min(args.n, (task + 1) * kFiniteBlock);
    for (std::size_t i = task * kFiniteBlock; i < end; ++i)
      largest = std::max(largest, std::bit_cast<std::uint32_t>(args.x[i]) & 0x7FFFFFFFu);
    if (largest >= 0x7F800000u) finite.store(false, std::memory_order_relaxed);
  });
  *args.out = finite.load();
}

}  // namespace gw::GW_ISA
