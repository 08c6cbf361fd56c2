// Walking a matrix: whole rows on the caller's threads, and sums over rows in the order of sums.py. Included only by
// kernels.
#pragma once

#include <algorithm>
#include <cstddef>

#include "lanes.h"
#include "pool.h"

namespace gw::GW_ISA {

constexpr std::size_t kRowsChunk = 512;  // rows in one chain of a sum over rows: part of the definition

// body(r) for each row, on the caller's threads, in tasks of some whole rows.
template <class Body>
void for_each_row(std::size_t num_rows, std::size_t width, Body body) {
  constexpr std::size_t kTaskSize = 1 << 13;  // elements
  const std::size_t rows = std::max<std::size_t>(1, kTaskSize / std::max<std::size_t>(1, width));
  parallel_for((num_rows + rows - 1) / rows, [&](std::size_t task) {
    const std::size_t end = std::min(num_rows, (task + 1) * rows);
    for (std::size_t r = task * rows; r < end; ++r) body(r);
  });
}

// The sums of `kNum` neighbouring vectors of columns from d on, the last perhaps in part.
template <int kNum, class Part, class Add>
void sum_columns(std::size_t num_rows, std::size_t d, Part part, float* out, Add add) {
  Vec total[kNum], chunk[kNum];
  for (Vec& t : total) t = Vec::set(0.0f);
  for (std::size_t first = 0; first < num_rows; first += kRowsChunk) {
    for (Vec& c : chunk) c = Vec::set(0.0f);
    const std::size_t end = std::min(num_rows, first + kRowsChunk);
    for (std::size_t r = first; r < end; ++r) {
#pragma GCC unroll 64
      for (int j = 0; j < kNum; ++j) chunk[j] = add(r, d + j * Vec::kLanes, part, chunk[j]);
    }
    for (int j = 0; j < kNum; ++j) total[j] = total[j] + chunk[j];
  }
  for (int j = 0; j < kNum; ++j) part.store(total[j], out + d + j * Vec::kLanes);
}

// out[d] = the sum over rows r of what `add(r, d, part, sum)` adds to a sum: chunks of 512 rows, each one chain from
// +0.
template <class Add>
void sum_over_rows(std::size_t num_rows, std::size_t width, float* out, Add add) {
  constexpr int kNumVecs = LaneSum::kNumVecs;  // columns of a task, in vectors
  constexpr std::size_t kColumns = kNumVecs * Vec::kLanes;
  parallel_for((width + kColumns - 1) / kColumns, [&](std::size_t task) {
    const std::size_t first = task * kColumns;
    if (first + kColumns <= width) return sum_columns<kNumVecs>(num_rows, first, Full{}, out, add);
    for_each_vec(width - first, [&](std::size_t d, auto part) { sum_columns<1>(num_rows, first + d, part, out, add); });
  });
}

}  // namespace gw::GW_ISA
