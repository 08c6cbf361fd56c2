// Random bits by counting: see philox.py.
#pragma once
#include <cstddef>
#include <cstdint>

#include "dispatch.h"

namespace gw {
struct PhiloxArgs {
  std::uint32_t key[2];
  std::uint32_t counter[4];  // of the first block; the first word counts up
  std::uint32_t* out;        // (blocks, 4)
  std::size_t num_blocks;
};
struct UniformArgs {
  std::uint64_t seed;
  std::uint32_t purpose;
  float half_width;
  float* out;  // (n,)
  std::size_t n;
};
struct PermutationArgs {
  std::uint64_t seed;
  std::uint32_t purpose, epoch;
  std::int64_t* out;  // (n,)
  std::size_t n;
};
}  // namespace gw
GW_DECLARE_KERNEL(philox, gw::PhiloxArgs)
GW_DECLARE_KERNEL(uniform, gw::UniformArgs)
GW_DECLARE_KERNEL(permutation, gw::PermutationArgs)
