// Looks at many numbers for the first that is not as it should be: see looks.py. Memory may begin anywhere.
#pragma once
#include <cstddef>
#include <cstdint>

#include "dispatch.h"

namespace gw {
struct IdLookArgs {
  const void* ids;  // (n,) of uint32 if is_wide, else of uint16
  bool is_wide;
  std::uint64_t limit;
  std::int64_t* found;
  std::size_t n;
};
struct LookArgs {
  const void* x;  // (n,) float32
  double most;
  std::int64_t* found;
  std::size_t n;
};
struct PairLookArgs {
  const void* before;   // (n,) float32
  const void* after;    // (n,) float32
  double factor, most;  // of first_shrunk, most is the slack
  std::int64_t* found;
  std::size_t n;
};
struct SpellingArgs {
  const void* ids;  // (n,) of uint32 if is_wide, else of uint16
  bool is_wide;
  std::size_t n;
  const void* ends;  // (num_tokens,) uint32
  std::size_t num_tokens;
  const void* spelled;  // (num_spelled,) bytes
  std::size_t num_spelled;
  const void* text;  // (size,) bytes
  std::size_t size;
  std::int64_t* found;
};
}  // namespace gw
GW_DECLARE_KERNEL(first_not_below, gw::IdLookArgs)
GW_DECLARE_KERNEL(first_not_finite, gw::LookArgs)
GW_DECLARE_KERNEL(first_above, gw::LookArgs)
GW_DECLARE_KERNEL(first_shrunk, gw::PairLookArgs)
GW_DECLARE_KERNEL(first_moved, gw::PairLookArgs)
GW_DECLARE_KERNEL(first_misspelt, gw::SpellingArgs)
