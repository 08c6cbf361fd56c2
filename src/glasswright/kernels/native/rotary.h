// Rotary position embedding: see rotary.py.
#pragma once
#include <cstddef>

#include "dispatch.h"

namespace gw {
struct RotaryTableArgs {
  const float* inverse_frequency;  // (pairs,)
  std::size_t first_position;
  float* cos;  // (positions, pairs)
  float* sin;  // (positions, pairs)
  std::size_t num_positions, num_pairs;
};
struct RotaryArgs {
  const float* x;    // (rows, heads, width), width >= 2 * pairs; row r has position r % positions
  const float* cos;  // (positions, pairs)
  const float* sin;  // (positions, pairs)
  float* out;        // as x; may be x
  std::size_t num_rows, num_heads, width, num_positions, num_pairs;
};
}  // namespace gw
GW_DECLARE_KERNEL(rotary_table, gw::RotaryTableArgs)
GW_DECLARE_KERNEL(rotary, gw::RotaryArgs)
GW_DECLARE_KERNEL(rotary_backward, gw::RotaryArgs)
GW_DECLARE_KERNEL(rotary_interleaved, gw::RotaryArgs)
GW_DECLARE_KERNEL(rotary_interleaved_backward, gw::RotaryArgs)
