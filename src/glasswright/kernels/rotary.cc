// The rotation defined in rotary.py, bit for bit.
#include "native/rotary.h"

#include <algorithm>

#include "native/elementary.h"
#include "native/lanes.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

constexpr std::size_t kTaskSize = 1 << 13;  // elements of a task, in whole rows

// One row's heads. `direction` is +1 or -1: multiplying by it is exact.
void turn_row(const RotaryArgs& args, std::size_t r, Vec direction) {
  const std::size_t table = r % args.num_positions * args.num_pairs;
  for (std::size_t head = 0; head < args.num_heads; ++head) {
    const std::size_t first = (r * args.num_heads + head) * 2 * args.num_pairs;
    for_each_vec(args.num_pairs, [&](std::size_t i, auto part) {
      const Vec cos = part.load(args.cos + table + i), sin = direction * part.load(args.sin + table + i);
      const Vec low = part.load(args.x + first + i), high = part.load(args.x + first + args.num_pairs + i);
      part.store(fma(low, cos, -(high * sin)), args.out + first + i);
      part.store(fma(high, cos, low * sin), args.out + first + args.num_pairs + i);
    });
  }
}

void turn(const RotaryArgs& args, float direction) {
  const std::size_t width = args.num_heads * 2 * args.num_pairs;
  if (width == 0) return;
  const std::size_t rows = std::max<std::size_t>(1, kTaskSize / width);
  parallel_for((args.num_rows + rows - 1) / rows, [&](std::size_t task) {
    const std::size_t end = std::min(args.num_rows, (task + 1) * rows);
    for (std::size_t r = task * rows; r < end; ++r) turn_row(args, r, Vec::set(direction));
  });
}

}  // namespace

void rotary_table(const RotaryTableArgs& args) {
  parallel_for(args.num_positions, [&](std::size_t t) {
    const float position = static_cast<float>(static_cast<std::int32_t>(args.first_position + t));
    for (std::size_t i = 0; i < args.num_pairs; ++i) {
      const float angle = position * args.inverse_frequency[i];
      args.cos[t * args.num_pairs + i] = GW_ISA::cos(angle);
      args.sin[t * args.num_pairs + i] = GW_ISA::sin(angle);
    }
  });
}

void rotary(const RotaryArgs& args) { turn(args, 1.0f); }
void rotary_backward(const RotaryArgs& args) { turn(args, -1.0f); }

}  // namespace gw::GW_ISA
