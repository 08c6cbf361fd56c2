// The initial weights defined in philox.py, bit for bit: each thread counts up to its own element.
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr std::uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
constexpr int kNumRounds = 10;

// One word of the block with this counter.
inline std::uint32_t philox_word(std::uint32_t key0, std::uint32_t key1, const std::uint32_t (&counter)[4], int word) {
  std::uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
  for (int round = 0; round < kNumRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{c[0]} * kMultiplier0, product1 = std::uint64_t{c[2]} * kMultiplier1;
    c[0] = static_cast<std::uint32_t>(product1 >> 32) ^ c[1] ^ key0;
    c[2] = static_cast<std::uint32_t>(product0 >> 32) ^ c[3] ^ key1;
    c[1] = static_cast<std::uint32_t>(product1);
    c[3] = static_cast<std::uint32_t>(product0);
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return c[word];
}

extern "C" __global__ void uniform(std::uint64_t seed, std::uint64_t purpose, float half_width, float* out,
                                   std::size_t n) {
  const std::size_t i = thread_number();
  if (i >= n) return;
  const std::uint32_t counter[4] = {static_cast<std::uint32_t>(i / 4), 0, 0, static_cast<std::uint32_t>(seed >> 32)};
  const std::uint32_t word = philox_word(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(purpose), counter,
                                         static_cast<int>(i % 4));
  const std::int32_t k = static_cast<std::int32_t>(word >> 8);
  out[i] = static_cast<float>(2 * k + 1 - (1 << 24)) * (half_width * 0x1p-24f);
}

}  // namespace gw::GW_ISA
