// Rows to their experts and back, as defined in experts.py, bit for bit.
#include "native/experts.h"

#include <algorithm>
#include <vector>

#include "native/lanes.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

constexpr std::size_t kTaskSize = 1 << 13;  // elements of a task, in whole rows

template <class Body>
void for_each_row(std::size_t num_rows, std::size_t width, Body body) {
  const std::size_t rows = std::max<std::size_t>(1, kTaskSize / std::max<std::size_t>(1, width));
  parallel_for((num_rows + rows - 1) / rows, [&](std::size_t task) {
    const std::size_t end = std::min(num_rows, (task + 1) * rows);
    for (std::size_t r = task * rows; r < end; ++r) body(r);
  });
}

}  // namespace

void dispatch(const DispatchArgs& args) {
  const std::size_t num_pairs = args.num_rows * args.num_chosen;
  std::fill_n(args.count, args.num_experts, 0);
  for (std::size_t i = 0; i < num_pairs; ++i) ++args.count[args.expert[i]];
  std::vector<std::int64_t> next(args.num_experts);
  std::int64_t begin = 0;
  for (std::size_t x = 0; x < args.num_experts; ++x) {
    next[x] = begin;
    begin += args.count[x];
  }
  for (std::size_t i = 0; i < num_pairs; ++i) {
    const std::int64_t place = next[static_cast<std::size_t>(args.expert[i])]++;
    args.place[i] = place;
    args.row[place] = static_cast<std::int64_t>(i / args.num_chosen);
  }
}

void combine(const CombineArgs& args) {
  for_each_row(args.num_rows, args.width * args.num_chosen, [&](std::size_t r) {
    const std::int64_t* place = args.place + r * args.num_chosen;
    const float* weight = args.weight + r * args.num_chosen;
    for_each_vec(args.width, [&](std::size_t d, auto part) {
      Vec total = Vec::set(0.0f);
      for (std::size_t j = 0; j < args.num_chosen; ++j)
        total =
            fma(Vec::set(weight[j]), part.load(args.y + static_cast<std::size_t>(place[j]) * args.width + d), total);
      part.store(total, args.out + r * args.width + d);
    });
  });
}

void combine_backward(const CombineBackwardArgs& args) {
  for_each_row(args.num_rows, args.width * args.num_chosen, [&](std::size_t r) {
    const float* dout = args.dout + r * args.width;
    for (std::size_t j = 0; j < args.num_chosen; ++j) {
      const std::size_t pair = r * args.num_chosen + j;
      const std::size_t offset = static_cast<std::size_t>(args.place[pair]) * args.width;
      args.dweight[pair] = ordered_dot(dout, args.y + offset, args.width);
      const Vec weight = Vec::set(args.weight[pair]);
      for_each_vec(args.width,
                   [&](std::size_t d, auto part) { part.store(weight * part.load(dout + d), args.dy + offset + d); });
    }
  });
}

}  // namespace gw::GW_ISA
