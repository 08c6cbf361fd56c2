// Walking a row, and rule 5: its sum in 64 interleaved lanes, then the tree over neighbours. Included only by kernels.
//
//   lane[j] = x[j] + x[j+64] + x[j+128] + ...    left to right, from +0
//   sum     = ((l0+l1) + (l2+l3)) + ...          neighbours, six times
//
// A lane that the row does not reach keeps its bits. Adding an absent +0 would not do: fma(a, b, +0) is -0 where a
// negative product underflows, and -0 + +0 is +0; nor would the absent product of a zero that an infinity has met.
#pragma once

#include <algorithm>

#include "pool.h"
#include "simd.h"

namespace gw::GW_ISA {

// A whole vector of the row, or the first `num` elements of one. What lies beyond reads as +0, is never written, and
// whatever is computed of it is put out of a sum by `keep`.
struct Full {
  Vec load(const float* p) const { return Vec::load(p); }
  void store(Vec x, float* p) const { x.store(p); }
  Vec keep(Vec x, Vec) const { return x; }
};
struct First {
  int num;
  Vec load(const float* p) const { return Vec::load_first(p, num); }
  void store(Vec x, float* p) const { x.store_first(p, num); }
  Vec keep(Vec x, Vec before) const { return select_first(num, x, before); }
};

// body(i, part) for each vector of a row of n elements, the last one perhaps in part.
template <class Body>
inline void for_each_vec(std::size_t n, Body&& body) {
  std::size_t i = 0;
  for (; i + Vec::kLanes <= n; i += Vec::kLanes) body(i, Full{});
  if (i < n) body(i, First{static_cast<int>(n - i)});
}

// The same on the caller's threads, in tasks of whole vectors: for kernels that go element by element.
template <class Body>
inline void for_each_vec_parallel(std::size_t n, Body body) {
  constexpr std::size_t kTaskSize = 1 << 13;
  parallel_for((n + kTaskSize - 1) / kTaskSize, [&](std::size_t task) {
    const std::size_t first = task * kTaskSize;
    for_each_vec(std::min(n - first, kTaskSize), [&](std::size_t i, auto part) { body(first + i, part); });
  });
}

// Sixty-four running sums.
class LaneSum {
 public:
  static constexpr int kNumLanes = 64;
  static constexpr int kNumVecs = kNumLanes / Vec::kLanes;

  LaneSum() {
    for (Vec& lanes : lanes_) lanes = Vec::set(0.0f);
  }
  // `slot` says which of the row's vectors of each 64 elements this is, `part` what the row has of it.
  template <class Part>
  void add(int slot, Part part, Vec x) {
    lanes_[slot] = part.keep(lanes_[slot] + x, lanes_[slot]);
  }
  template <class Part>
  void add_product(int slot, Part part, Vec a, Vec b) {
    lanes_[slot] = part.keep(fma(a, b, lanes_[slot]), lanes_[slot]);
  }

  float total() const {
    Vec tree[kNumVecs];
    for (int j = 0; j < kNumVecs; ++j) tree[j] = lanes_[j];
    for (int num = kNumVecs / 2; num > 0; num /= 2)
      for (int j = 0; j < num; ++j) tree[j] = pair_sums(tree[2 * j], tree[2 * j + 1]);
    for (int width = Vec::kLanes; width > 1; width /= 2) tree[0] = pair_sums(tree[0], tree[0]);
    return first_lane(tree[0]);
  }

 private:
  Vec lanes_[kNumVecs];
};

// body(i, slot, part) for each vector of a row of n elements, in order.
template <class Body>
inline void for_each_slot(std::size_t n, Body&& body) {
  std::size_t i = 0;
  for (; i + LaneSum::kNumLanes <= n; i += LaneSum::kNumLanes) {
#pragma GCC unroll 16
    for (int slot = 0; slot < LaneSum::kNumVecs; ++slot) body(i + slot * Vec::kLanes, slot, Full{});
  }
  int slot = 0;
  for (; i + Vec::kLanes <= n; i += Vec::kLanes) body(i, slot++, Full{});
  if (i < n) body(i, slot, First{static_cast<int>(n - i)});
}

// The sum of a row of n elements.
inline float ordered_sum(const float* x, std::size_t n) {
  LaneSum sum;
  for_each_slot(n, [&](std::size_t i, int slot, auto part) { sum.add(slot, part, part.load(x + i)); });
  return sum.total();
}

// The dot product of two rows: one fused multiply-add a lane and step.
inline float ordered_dot(const float* a, const float* b, std::size_t n) {
  LaneSum sum;
  for_each_slot(
      n, [&](std::size_t i, int slot, auto part) { sum.add_product(slot, part, part.load(a + i), part.load(b + i)); });
  return sum.total();
}

}  // namespace gw::GW_ISA
