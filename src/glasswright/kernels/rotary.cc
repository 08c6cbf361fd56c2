// The rotation defined in rotary.py, bit for bit.
#include "native/rotary.h"

#include <algorithm>
#include <cmath>

#include "native/elementary.h"
#include "native/lanes.h"
#include "native/pool.h"
#include "native/rows.h"

namespace gw::GW_ISA {
namespace {

// One row's heads, pair by pair across both halves. `direction` is +1 or -1: multiplying by it is exact.
struct Halves {
  static void turn(const RotaryArgs& args, const float* x, const float* cosines, const float* sines, float direction,
                   float* out) {
    for_each_vec(args.num_pairs, [&](std::size_t i, auto part) {
      const Vec cos = part.load(cosines + i), sin = Vec::set(direction) * part.load(sines + i);
      const Vec low = part.load(x + i), high = part.load(x + args.num_pairs + i);
      part.store(fma(low, cos, -(high * sin)), out + i);
      part.store(fma(high, cos, low * sin), out + args.num_pairs + i);
    });
  }
};

// Neighbours: on numbers, which the compiler gathers into vectors.
struct Neighbours {
  static void turn(const RotaryArgs& args, const float* x, const float* cosines, const float* sines, float direction,
                   float* out) {
    for (std::size_t i = 0; i < args.num_pairs; ++i) {
      const float cos = cosines[i], sin = direction * sines[i];
      const float low = x[2 * i], high = x[2 * i + 1];
      out[2 * i] = std::fma(low, cos, -(high * sin));
      out[2 * i + 1] = std::fma(high, cos, low * sin);
    }
  }
};

template <class Pairs>
void turn(const RotaryArgs& args, float direction) {
  const std::size_t num_turned = 2 * args.num_pairs, width = args.num_heads * args.width;
  if (width == 0) return;
  for_each_row(args.num_rows, width, [&](std::size_t r) {
    const std::size_t angles = r % args.num_positions * args.num_pairs;
    for (std::size_t head = 0; head < args.num_heads; ++head) {
      const std::size_t first = (r * args.num_heads + head) * args.width;
      const float* x = args.x + first;
      float* out = args.out + first;
      Pairs::turn(args, x, args.cos + angles, args.sin + angles, direction, out);
      if (x != out) std::copy(x + num_turned, x + args.width, out + num_turned);
    }
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

void rotary(const RotaryArgs& args) { turn<Halves>(args, 1.0f); }
void rotary_backward(const RotaryArgs& args) { turn<Halves>(args, -1.0f); }
void rotary_interleaved(const RotaryArgs& args) { turn<Neighbours>(args, 1.0f); }
void rotary_interleaved_backward(const RotaryArgs& args) { turn<Neighbours>(args, -1.0f); }

}  // namespace gw::GW_ISA
