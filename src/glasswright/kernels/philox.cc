// The random bits defined in philox.py, bit for bit.
#include "native/philox.h"

#include <algorithm>
#include <vector>

#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

constexpr std::size_t kTaskBlocks = 1 << 11;

struct Stream {
  std::uint32_t key[2];
  std::uint32_t counter[4];
};

Stream stream_of(std::uint64_t seed, std::uint32_t purpose, std::uint32_t step) {
  return {{static_cast<std::uint32_t>(seed), purpose}, {0, 0, step, static_cast<std::uint32_t>(seed >> 32)}};
}

void block(const Stream& stream, std::size_t number, std::uint32_t* out) {
  std::uint32_t c0 = stream.counter[0] + static_cast<std::uint32_t>(number), c1 = stream.counter[1];
  std::uint32_t c2 = stream.counter[2], c3 = stream.counter[3], k0 = stream.key[0], k1 = stream.key[1];
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{c0} * 0xD2511F53u;
    const std::uint64_t product1 = std::uint64_t{c2} * 0xCD9E8D57u;
    c0 = static_cast<std::uint32_t>(product1 >> 32) ^ c1 ^ k0;
    c2 = static_cast<std::uint32_t>(product0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<std::uint32_t>(product1);
    c3 = static_cast<std::uint32_t>(product0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// body(number, words) for each block.
template <class Body>
void for_each_block(const Stream& stream, std::size_t num_blocks, Body body) {
  parallel_for((num_blocks + kTaskBlocks - 1) / kTaskBlocks, [&](std::size_t task) {
    const std::size_t end = std::min(num_blocks, (task + 1) * kTaskBlocks);
    for (std::size_t b = task * kTaskBlocks; b < end; ++b) {
      std::uint32_t words[4];
      block(stream, b, words);
      body(b, words);
    }
  });
}

struct Item {
  std::uint64_t bits;
  std::uint32_t number;
};

// Radix sort, eight bits at a time from the lowest: stable, so equal bits stay in order of number.
void sort_by_bits(std::vector<Item>& items) {
  std::vector<Item> sorted(items.size());
  for (int shift = 0; shift < 64; shift += 8) {
    std::size_t first[257] = {};
    for (const Item& item : items) ++first[(item.bits >> shift & 0xFF) + 1];
    for (int digit = 0; digit < 256; ++digit) first[digit + 1] += first[digit];
    for (const Item& item : items) sorted[first[item.bits >> shift & 0xFF]++] = item;
    items.swap(sorted);
  }
}

}  // namespace

void philox(const PhiloxArgs& args) {
  const Stream stream{{args.key[0], args.key[1]}, {args.counter[0], args.counter[1], args.counter[2], args.counter[3]}};
  for_each_block(stream, args.num_blocks,
                 [&](std::size_t b, const std::uint32_t* words) { std::copy_n(words, 4, args.out + 4 * b); });
}

void uniform(const UniformArgs& args) {
  const float step = args.half_width * 0x1p-24f;
  for_each_block(stream_of(args.seed, args.purpose, 0), (args.n + 3) / 4,
                 [&](std::size_t b, const std::uint32_t* words) {
                   for (std::size_t i = 4 * b; i < std::min(args.n, 4 * b + 4); ++i) {
                     const std::int32_t k = static_cast<std::int32_t>(words[i % 4] >> 8);
                     args.out[i] = static_cast<float>(2 * k + 1 - (1 << 24)) * step;
                   }
                 });
}

void permutation(const PermutationArgs& args) {
  std::vector<Item> items(args.n);
  for_each_block(stream_of(args.seed, args.purpose, args.epoch), (args.n + 1) / 2,
                 [&](std::size_t b, const std::uint32_t* words) {
                   for (std::size_t i = 2 * b; i < std::min(args.n, 2 * b + 2); ++i) {
                     const std::uint32_t* pair = words + 2 * (i % 2);
                     items[i] = {std::uint64_t{pair[0]} << 32 | pair[1], static_cast<std::uint32_t>(i)};
                   }
                 });
  sort_by_bits(items);
  for (std::size_t i = 0; i < args.n; ++i) args.out[i] = items[i].number;
}

}  // namespace gw::GW_ISA
