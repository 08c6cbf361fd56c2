// The products defined in matmul.py, bit for bit: a tile of 128 x 128 outputs a block, 8 x 8 of them a thread.
//
// Each output is one thread's, and its terms come to it in ascending k. What a chunk of 512 sums to goes to the output,
// where the next is added to it: so a product can go on from what is there already (linear_cross_entropy.cu).
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr int kTile = 128, kStep = 16, kThreads = 256, kPerThread = 8;
constexpr int kLoads = kTile * kStep / kThreads;  // of each operand, by each thread, for each step
constexpr std::size_t kChunk = 512;

struct Product {
  const float *a, *b;
  float* out;
  std::size_t num_m, num_n, num_k;
  bool is_continued;  // the first chunk's sum is added to what lies in out
};

// An operand as rows by k: outputs' rows or columns, and where its elements lie.
template <bool kIsAlongK>
struct Operand {
  const float* data;
  std::size_t num_rows, num_k;

  float at(std::size_t row, std::size_t k) const {
    if (row >= num_rows || k >= num_k) return 0.0f;  // never a term: see multiply
    return kIsAlongK ? data[row * num_k + k] : data[k * num_rows + row];
  }
};

// Neighbours in a warp read neighbours in memory.
template <bool kIsAlongK>
inline int row_of_load(int load) {
  const int i = load * kThreads + static_cast<int>(threadIdx.x);
  return kIsAlongK ? i / kStep : i % kTile;
}
template <bool kIsAlongK>
inline int k_of_load(int load) {
  const int i = load * kThreads + static_cast<int>(threadIdx.x);
  return kIsAlongK ? i % kStep : i / kTile;
}

using Slice = float[kStep][kTile + 4];

template <bool kIsAlongK>
inline void load(const Operand<kIsAlongK>& operand, std::size_t row, std::size_t k, float (&loaded)[kLoads]) {
#pragma unroll
  for (int i = 0; i < kLoads; ++i) loaded[i] = operand.at(row + row_of_load<kIsAlongK>(i), k + k_of_load<kIsAlongK>(i));
}
template <bool kIsAlongK>
inline void keep(const float (&loaded)[kLoads], Slice& slice) {
#pragma unroll
  for (int i = 0; i < kLoads; ++i) slice[k_of_load<kIsAlongK>(i)][row_of_load<kIsAlongK>(i)] = loaded[i];
}

// A thread's outputs lie in two groups of four along each axis, so that its reads of a slice do not collide.
inline int place(int thread, int i) { return i / 4 * (kTile / 2) + thread * 4 + i % 4; }

using Sums = float[kPerThread][kPerThread];

// The terms of one step, of which there are `num_terms`: one beyond them is no term.
inline void multiply(const Slice& a, const Slice& b, int num_terms, int ty, int tx, Sums& sum) {
  for (int k = 0; k < num_terms; ++k) {
    float a_row[kPerThread], b_row[kPerThread];
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) a_row[i] = a[k][place(ty, i)], b_row[i] = b[k][place(tx, i)];
#pragma unroll
    for (int i = 0; i < kPerThread; ++i)
#pragma unroll
      for (int j = 0; j < kPerThread; ++j) sum[i][j] = std::fma(a_row[i], b_row[j], sum[i][j]);
  }
}

inline void end_chunk(const Product& it, std::size_t m, std::size_t n, bool is_first, int ty, int tx, Sums& sum) {
  const bool adds = !is_first || it.is_continued;
#pragma unroll
  for (int i = 0; i < kPerThread; ++i)
#pragma unroll
    for (int j = 0; j < kPerThread; ++j) {
      const std::size_t row = m + place(ty, i), column = n + place(tx, j);
      if (row < it.num_m && column < it.num_n) {
        float* out = it.out + row * it.num_n + column;
        *out = adds ? *out + sum[i][j] : sum[i][j];
      }
      sum[i][j] = 0.0f;
    }
}

template <bool kIsAAlongK, bool kIsBAlongK>
inline void product(const Product& it, Slice& a_slice, Slice& b_slice) {
  const std::size_t m = std::size_t{blockIdx.y} * kTile, n = std::size_t{blockIdx.x} * kTile;
  const int ty = static_cast<int>(threadIdx.x) / 16, tx = static_cast<int>(threadIdx.x) % 16;
  const Operand<kIsAAlongK> a{it.a, it.num_m, it.num_k};
  const Operand<kIsBAlongK> b{it.b, it.num_n, it.num_k};
  Sums sum = {};
  float a_next[kLoads], b_next[kLoads];
  load(a, m, 0, a_next);
  load(b, n, 0, b_next);
  if (it.num_k == 0) end_chunk(it, m, n, true, ty, tx, sum);
  for (std::size_t k = 0; k < it.num_k; k += kStep) {
    __syncthreads();
    keep<kIsAAlongK>(a_next, a_slice);
    keep<kIsBAlongK>(b_next, b_slice);
    __syncthreads();
    load(a, m, k + kStep, a_next);  // on their way while this step is computed
    load(b, n, k + kStep, b_next);
    multiply(a_slice, b_slice, static_cast<int>(smaller(it.num_k - k, kStep)), ty, tx, sum);
    if ((k + kStep) % kChunk == 0 || k + kStep >= it.num_k) end_chunk(it, m, n, k < kChunk, ty, tx, sum);
  }
}

extern "C" __global__ __launch_bounds__(kThreads) void matmul_nt(const float* a, const float* b, float* out,
                                                                 std::size_t num_m, std::size_t num_n,
                                                                 std::size_t num_k, std::size_t is_continued) {
  __shared__ Slice a_slice, b_slice;
  product<true, true>({a, b, out, num_m, num_n, num_k, is_continued != 0}, a_slice, b_slice);
}

extern "C" __global__ __launch_bounds__(kThreads) void matmul_nn(const float* a, const float* b, float* out,
                                                                 std::size_t num_m, std::size_t num_n,
                                                                 std::size_t num_k, std::size_t is_continued) {
  __shared__ Slice a_slice, b_slice;
  product<true, false>({a, b, out, num_m, num_n, num_k, is_continued != 0}, a_slice, b_slice);
}

extern "C" __global__ __launch_bounds__(kThreads) void matmul_tn(const float* a, const float* b, float* out,
                                                                 std::size_t num_m, std::size_t num_n,
                                                                 std::size_t num_k, std::size_t is_continued) {
  __shared__ Slice a_slice, b_slice;
  product<false, false>({a, b, out, num_m, num_n, num_k, is_continued != 0}, a_slice, b_slice);
}

}  // namespace gw::GW_ISA
