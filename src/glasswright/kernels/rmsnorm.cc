// The normalization defined in rmsnorm.py, bit for bit.
#include "native/rmsnorm.h"

#include <algorithm>
#include <cmath>

#include "native/lanes.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

constexpr std::size_t kRowsChunk = 512;       // rows in one chain of dgain: part of the definition
constexpr std::size_t kTaskSize = 1 << 13;    // elements of a task, in whole rows
constexpr int kTaskVecs = LaneSum::kNumVecs;  // dgain's columns of a task, in vectors

template <class Body>
void for_each_row(std::size_t num_rows, std::size_t width, Body body) {
  const std::size_t rows = std::max<std::size_t>(1, kTaskSize / std::max<std::size_t>(1, width));
  parallel_for((num_rows + rows - 1) / rows, [&](std::size_t task) {
    const std::size_t end = std::min(num_rows, (task + 1) * rows);
    for (std::size_t r = task * rows; r < end; ++r) body(r);
  });
}

void normalize(const float* x, const float* gain, float epsilon, std::size_t width, float* out, float* rstd) {
  *rstd = 1.0f / std::sqrt(ordered_dot(x, x, width) / static_cast<float>(width) + epsilon);
  const Vec scale = Vec::set(*rstd);
  for_each_vec(
      width, [&](std::size_t d, auto part) { part.store((part.load(x + d) * scale) * part.load(gain + d), out + d); });
}

// dgain of `kNum` neighbouring vectors of columns from d on, the last perhaps in part.
template <int kNum, class Part>
void gain_gradient(const RmsnormBackwardArgs& args, std::size_t d, Part part) {
  Vec total[kNum], chunk[kNum];
  for (Vec& t : total) t = Vec::set(0.0f);
  for (std::size_t first = 0; first < args.num_rows; first += kRowsChunk) {
    for (Vec& c : chunk) c = Vec::set(0.0f);
    const std::size_t end = std::min(args.num_rows, first + kRowsChunk);
    for (std::size_t r = first; r < end; ++r) {
      const float* dout = args.dout + r * args.width + d;
      const float* x = args.x + r * args.width + d;
      const Vec rstd = Vec::set(args.rstd[r]);
#pragma GCC unroll 64
      for (int j = 0; j < kNum; ++j)
        chunk[j] = fma(part.load(dout + j * Vec::kLanes), part.load(x + j * Vec::kLanes) * rstd, chunk[j]);
    }
    for (int j = 0; j < kNum; ++j) total[j] = total[j] + chunk[j];
  }
  for (int j = 0; j < kNum; ++j) part.store(total[j], args.dgain + d + j * Vec::kLanes);
}

void gain_gradients(const RmsnormBackwardArgs& args) {
  constexpr std::size_t kColumns = kTaskVecs * Vec::kLanes;
  parallel_for((args.width + kColumns - 1) / kColumns, [&](std::size_t task) {
    const std::size_t first = task * kColumns;
    if (first + kColumns <= args.width) return gain_gradient<kTaskVecs>(args, first, Full{});
    for_each_vec(args.width - first, [&](std::size_t d, auto part) { gain_gradient<1>(args, first + d, part); });
  });
}

void row_gradient(const RmsnormBackwardArgs& args, std::size_t r) {
  const float* dout = args.dout + r * args.width;
  const float* x = args.x + r * args.width;
  float* dx = args.dx + r * args.width;
  const Vec rstd = Vec::set(args.rstd[r]);
  LaneSum sum;
  for_each_slot(args.width, [&](std::size_t d, int slot, auto part) {
    sum.add_product(slot, part, part.load(dout + d) * part.load(args.gain + d), part.load(x + d) * rstd);
  });
  const Vec c = Vec::set(-(sum.total() / static_cast<float>(args.width)));
  for_each_vec(args.width, [&](std::size_t d, auto part) {
    const Vec dn = part.load(dout + d) * part.load(args.gain + d);
    const Vec through_norm = rstd * fma(c, part.load(x + d) * rstd, dn);
    part.store(args.dsum ? part.load(args.dsum + r * args.width + d) + through_norm : through_norm, dx + d);
  });
}

}  // namespace

void rmsnorm(const RmsnormArgs& args) {
  for_each_row(args.num_rows, args.width, [&](std::size_t r) {
    const std::size_t row = r * args.width;
    const float* x = args.x + row;
    if (args.delta) {
      for_each_vec(args.width, [&](std::size_t d, auto part) {
        part.store(part.load(x + d) + part.load(args.delta + row + d), args.sum + row + d);
      });
      x = args.sum + row;
    }
    normalize(x, args.gain, args.epsilon, args.width, args.out + row, args.rstd + r);
  });
}

// dgain first: it reads what dx may overwrite.
void rmsnorm_backward(const RmsnormBackwardArgs& args) {
  gain_gradients(args);
  for_each_row(args.num_rows, args.width, [&](std::size_t r) { row_gradient(args, r); });
}

}  // namespace gw::GW_ISA
