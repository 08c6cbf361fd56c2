// What attention and its gradient share on a GPU: which keys a query sees, and products of tiles of 64 by 64.
//
// A block of 256 threads works on one tile at a time, thread (y, x) = (id / 16, id % 16) on the rows 4 y + i and the
// columns 4 x + j of it. Every chain is one thread's and its terms come in ascending order; what a query does not see
// is no term.
#pragma once

#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr int kTile = 64, kThreads = 256, kPer = 4, kSlice = 32;

struct Shape {
  std::size_t S, T, U, H, G, E, F;
};

// As in attention.py; what the host passes where there is no window is one that hides nothing.
struct Sight {
  std::ptrdiff_t before, window;  // the first query's position; how many keys a query sees at most

  bool sees(std::ptrdiff_t t, std::ptrdiff_t u) const { return u <= before + t && u > before + t - window; }
  std::ptrdiff_t first_key(std::ptrdiff_t t) const {
    const std::ptrdiff_t first = before + t - window + 1;
    return first < 0 ? 0 : first;
  }
};

// Up to 64 rows of a matrix in memory, `stride` elements from one to the next.
struct RowsAt {
  const float* data;
  std::size_t stride, num;

  float at(std::size_t row, std::size_t column) const { return data[row * stride + column]; }
};

using Acc = float[kPer][kPer];
using Weights = float[kTile][kTile + 1];

// Shared memory for the operands of one product.
union Operands {
  struct {
    float a[kSlice][kTile + 4], b[kSlice][kTile + 4];
  } slices;
  float rows[kTile][kTile + 4];
};

inline int thread_y() { return static_cast<int>(threadIdx.x) / 16; }
inline int thread_x() { return static_cast<int>(threadIdx.x) % 16; }

// acc[i][j] = chain over ascending e of (a[4 y + i][e] * factor), b[4 x + j][e]. Rows that are not there count as
// zeros, for whoever calls does not read what becomes of them.
inline void rows_by_rows(const RowsAt& a, float factor, const RowsAt& b, std::size_t width, Operands& shared,
                         Acc& acc) {
  for (int i = 0; i < kPer; ++i)
    for (int j = 0; j < kPer; ++j) acc[i][j] = 0.0f;
  for (std::size_t first = 0; first < width; first += kSlice) {
    const int num = static_cast<int>(smaller(width - first, kSlice));
    __syncthreads();
    for (int id = static_cast<int>(threadIdx.x); id < kTile * kSlice; id += kThreads) {
      const int row = id / kSlice, e = id % kSlice;
      shared.slices.a[e][row] = e < num && row < static_cast<int>(a.num) ? a.at(row, first + e) * factor : 0.0f;
      shared.slices.b[e][row] = e < num && row < static_cast<int>(b.num) ? b.at(row, first + e) : 0.0f;
    }
    __syncthreads();
    for (int e = 0; e < num; ++e)
#pragma unroll
      for (int i = 0; i < kPer; ++i)
#pragma unroll
        for (int j = 0; j < kPer; ++j)
          acc[i][j] =
              std::fma(shared.slices.a[e][kPer * thread_y() + i], shared.slices.b[e][kPer * thread_x() + j], acc[i][j]);
  }
}

// 64 columns of b, and zeros where it has none.
inline void load_columns(const RowsAt& b, float factor, std::size_t first, std::size_t width, Operands& shared) {
  __syncthreads();
  for (int id = static_cast<int>(threadIdx.x); id < kTile * kTile; id += kThreads) {
    const int row = id / kTile, column = id % kTile;
    const bool is_there = row < static_cast<int>(b.num) && first + column < width;
    shared.rows[row][column] = is_there ? b.at(row, first + column) * factor : 0.0f;
  }
  __syncthreads();
}

// out[r][f] goes on by the chain over ascending k of weight(r, k), b[k][f], for the k that is_term(r, k) lets in. out
// is memory in which each thread meets its own elements only: rows 4 y + i, columns 4 x + j of each 64.
template <class Weight, class IsTerm>
inline void add_products(const Weight& weight, const IsTerm& is_term, const RowsAt& b, float factor, std::size_t width,
                         float* out, std::size_t stride, std::size_t num_out, Operands& shared) {
  for (std::size_t first = 0; first < width; first += kTile) {
    load_columns(b, factor, first, width, shared);
    for (int i = 0; i < kPer; ++i) {
      const std::size_t row = kPer * thread_y() + i, column = first + kPer * thread_x();
      if (row >= num_out || column >= width) continue;
      float* place = out + row * stride + column;
      const std::size_t num_columns = smaller(kPer, width - column);
      float acc[kPer] = {};
      for (std::size_t j = 0; j < num_columns; ++j) acc[j] = place[j];
      for (int k = 0; k < static_cast<int>(b.num); ++k) {
        if (!is_term(row, k)) continue;
        const float w = weight(row, k);
#pragma unroll
        for (int j = 0; j < kPer; ++j) acc[j] = std::fma(w, shared.rows[k][kPer * thread_x() + j], acc[j]);
      }
      for (std::size_t j = 0; j < num_columns; ++j) place[j] = acc[j];
    }
  }
}

// body(place) for the elements of `out` that add_products gives this thread.
template <class Body>
inline void for_own_elements(std::size_t width, std::size_t stride, std::size_t num_out, const Body& body) {
  for (std::size_t first = 0; first < width; first += kTile)
    for (int i = 0; i < kPer; ++i)
      for (int j = 0; j < kPer; ++j) {
        const std::size_t row = kPer * thread_y() + i, column = first + kPer * thread_x() + j;
        if (row < num_out && column < width) body(row, row * stride + column);
      }
}

}  // namespace gw::GW_ISA
