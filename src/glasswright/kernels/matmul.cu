// The products defined in matmul.py, bit for bit: a tile of 128 x 128 outputs a block, 8 x 8 of them a thread.
//
// Each output is one thread's, and its terms come to it in ascending k. What a chunk of 512 sums to goes to the output,
// where the next is added to it: so a product can go on from what is there already (linear_cross_entropy.cu).
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr int kTile = 128, kStep = 8, kThreads = 256, kPerThread = 8;
constexpr int kLoads = kTile * kStep / kThreads;  // of each operand, by each thread, for each step
constexpr std::size_t kChunk = 512;

struct Product {
  const float *a, *b;
  float* out;
  std::size_t num_m, num_n, num_k;
  bool is_continued;  // the first chunk's sum is added to what lies in out
};

using Slice = float[kStep][kTile + 4];

// This thread's elements of an operand, step by step; neighbours in a warp read neighbours in memory. `kIsAlongK` says
// whether the elements of one row of outputs (or column, of b) lie side by side.
template <bool kIsAlongK>
class Loader {
 public:
  Loader(const float* data, std::size_t num_rows, std::size_t num_k, std::size_t first_row)
      : row_(static_cast<int>(kIsAlongK ? threadIdx.x / kStep : threadIdx.x % kTile)),
        k_(static_cast<int>(kIsAlongK ? threadIdx.x % kStep : threadIdx.x / kTile)),
        rows_left_(static_cast<int>(smaller(num_rows - first_row, kTile)) - row_),
        k_left_(static_cast<std::ptrdiff_t>(num_k) - k_),
        stride_(kIsAlongK ? num_k : num_rows),
        next_(data + (kIsAlongK ? (first_row + row_) * stride_ + k_ : k_ * stride_ + first_row + row_)) {}

  // Where there is none it is 0, and no term: see multiply.
  void load(float (&loaded)[kLoads]) {
#pragma unroll
    for (int i = 0; i < kLoads; ++i) {
      const bool is_there =
          kIsAlongK ? i * kBetween < rows_left_ && 0 < k_left_ : 0 < rows_left_ && i * kBetween < k_left_;
      loaded[i] = is_there ? next_[i * kBetween * stride_] : 0.0f;
    }
    next_ += kIsAlongK ? kStep : kStep * stride_;
    k_left_ -= kStep;
  }
  void keep(const float (&loaded)[kLoads], Slice& slice) const {
#pragma unroll
    for (int i = 0; i < kLoads; ++i) {
      if (kIsAlongK)
        slice[k_][row_ + i * kBetween] = loaded[i];
      else
        slice[k_ + i * kBetween][row_] = loaded[i];
    }
  }

 private:
  static constexpr int kBetween = kThreads / (kIsAlongK ? kStep : kTile);  // rows, or k, from one load to the next
  int row_, k_, rows_left_;
  std::ptrdiff_t k_left_;
  std::size_t stride_;
  const float* next_;
};

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

// The chunk's sums go to the outputs; the next begin at +0. Where they lie is not to be kept in registers meanwhile.
inline void end_chunk(const Product& it, std::size_t m, std::size_t n, bool adds, int ty, int tx, Sums& sum) {
  m = computed_here(m);
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) {
    const std::size_t row = m + place(ty, i);
    float* out = it.out + row * it.num_n + n;
#pragma unroll
    for (int j = 0; j < kPerThread; ++j) {
      const int column = place(tx, j);
      if (row < it.num_m && n + column < it.num_n) out[column] = adds ? out[column] + sum[i][j] : sum[i][j];
      sum[i][j] = 0.0f;
    }
  }
}

template <bool kIsAAlongK, bool kIsBAlongK>
inline void product(const Product& it, Slice& a_slice, Slice& b_slice) {
  const std::size_t m = std::size_t{blockIdx.y} * kTile, n = std::size_t{blockIdx.x} * kTile;
  const int ty = static_cast<int>(threadIdx.x) / 16, tx = static_cast<int>(threadIdx.x) % 16;
  Loader<kIsAAlongK> a(it.a, it.num_m, it.num_k, m);
  Loader<kIsBAlongK> b(it.b, it.num_n, it.num_k, n);
  Sums sum = {};
  float a_next[kLoads], b_next[kLoads];
  a.load(a_next);
  b.load(b_next);
  if (it.num_k == 0) end_chunk(it, m, n, it.is_continued, ty, tx, sum);
  for (std::size_t k = 0; k < it.num_k; k += kStep) {
    __syncthreads();
    a.keep(a_next, a_slice);
    b.keep(b_next, b_slice);
    __syncthreads();
    a.load(a_next);  // on their way while this step is computed
    b.load(b_next);
    multiply(a_slice, b_slice, static_cast<int>(smaller(it.num_k - k, kStep)), ty, tx, sum);
    if ((k + kStep) % kChunk == 0 || k + kStep >= it.num_k)
      end_chunk(it, m, n, it.is_continued || k >= kChunk, ty, tx, sum);
  }
}

extern "C" __global__ __launch_bounds__(kThreads, 2) void matmul_nt(const float* a, const float* b, float* out,
                                                                    std::size_t num_m, std::size_t num_n,
                                                                    std::size_t num_k, std::size_t is_continued) {
  __shared__ Slice a_slice, b_slice;
  product<true, true>({a, b, out, num_m, num_n, num_k, is_continued != 0}, a_slice, b_slice);
}

extern "C" __global__ __launch_bounds__(kThreads, 2) void matmul_nn(const float* a, const float* b, float* out,
                                                                    std::size_t num_m, std::size_t num_n,
                                                                    std::size_t num_k, std::size_t is_continued) {
  __shared__ Slice a_slice, b_slice;
  product<true, false>({a, b, out, num_m, num_n, num_k, is_continued != 0}, a_slice, b_slice);
}

extern "C" __global__ __launch_bounds__(kThreads, 2) void matmul_tn(const float* a, const float* b, float* out,
                                                                    std::size_t num_m, std::size_t num_n,
                                                                    std::size_t num_k, std::size_t is_continued) {
  __shared__ Slice a_slice, b_slice;
  product<false, false>({a, b, out, num_m, num_n, num_k, is_continued != 0}, a_slice, b_slice);
}

}  // namespace gw::GW_ISA
