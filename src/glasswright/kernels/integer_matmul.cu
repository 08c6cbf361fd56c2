// The products by integers defined in integer_matmul.py, bit for bit: operands become bytes, which tensor cores
// multiply.
//
//   quantize_rows, quantize_columns     an operand as two slices of bytes, its k side by side, and a scale a chunk
//   integer_product                     128 x 64 outputs a block, 32 x 32 a warp
//
// A row of slices has room for whole steps of 64 terms; what lies behind the last term is 0, and adds nothing to an
// integer.
#include "cuda/mma.h"
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr std::size_t kChunk = 512, kStep = 64;

// ---- operands as integers

// 2^n for -126 <= n <= 127
inline float power_of_two(int n) { return std::bit_cast<float>((n + 127) << 23); }

// The nearest integer, ties to even, of a number below 2^22 in magnitude.
inline int nearest_integer(float x) {
  return std::bit_cast<std::int32_t>(x + kRounder) - std::bit_cast<std::int32_t>(kRounder);
}

inline std::uint32_t magnitude_bits(float x) { return std::bit_cast<std::uint32_t>(x) & 0x7FFFFFFFu; }
inline std::uint32_t larger(std::uint32_t a, std::uint32_t b) { return a < b ? b : a; }

// How one chunk of one row becomes integers; `largest` has the bits of its largest magnitude.
struct Grid {
  float to_integer, scale;
  bool is_finite;

  explicit Grid(std::uint32_t largest) {
    is_finite = largest < 0x7F800000u;
    const std::uint32_t bits = larger(largest, std::bit_cast<std::uint32_t>(0x1p-112f));
    int e = static_cast<int>(bits >> 23) - 127;
    if (is_finite && nearest_integer(std::bit_cast<float>(bits) * power_of_two(14 - e)) > 127 * 256 + 127) ++e;
    to_integer = is_finite ? power_of_two(14 - e) : 0.0f;
    scale = is_finite ? power_of_two(e - 10) : kNaN;
  }

  // The two slices of an element, each in the low byte of a word.
  void slices(float x, std::uint32_t& hi, std::uint32_t& lo) const {
    const int q = is_finite ? nearest_integer(x * to_integer) : 0;
    hi = static_cast<std::uint32_t>((q + 128) >> 8) & 0xFFu;
    lo = static_cast<std::uint32_t>(q) & 0xFFu;
  }
};

// Four neighbours along k, in the bytes of a word.
struct Word {
  std::uint32_t hi = 0, lo = 0;

  void put(int place, float x, const Grid& grid) {
    std::uint32_t x_hi, x_lo;
    grid.slices(x, x_hi, x_lo);
    hi |= x_hi << (8 * place);
    lo |= x_lo << (8 * place);
  }
};

inline std::size_t words_of_row(std::size_t num_k) { return (num_k + kStep - 1) / kStep * (kStep / 4); }
inline std::size_t chunks_of_row(std::size_t num_k) { return (num_k + kChunk - 1) / kChunk; }

// Rows whose k lie side by side: a warp for each chunk of each row.
extern "C" __global__ void quantize_rows(const float* x, std::uint32_t* hi, std::uint32_t* lo, float* scale,
                                         std::size_t num_r, std::size_t num_k) {
  const std::size_t chunks = chunks_of_row(num_k), r = warp_number() / chunks, chunk = warp_number() % chunks;
  if (r >= num_r) return;
  const std::size_t first = chunk * kChunk, end = smaller(num_k, first + kChunk);
  const float* row = x + r * num_k;
  std::uint32_t largest = 0;
  for (std::size_t k = first + lane_number(); k < end; k += kWarp) largest = larger(largest, magnitude_bits(row[k]));
  for (int distance = 1; distance < kWarp; distance *= 2)
    largest = larger(largest, __shfl_xor_sync(0xFFFFFFFFu, largest, distance));
  const Grid grid(largest);
  if (lane_number() == 0) scale[r * chunks + chunk] = grid.scale;
  const std::size_t words = words_of_row(num_k), last_word = smaller(words, (first + kChunk) / 4);
  for (std::size_t w = first / 4 + lane_number(); w < last_word; w += kWarp) {
    Word word;
    for (int i = 0; i < 4; ++i)
      if (4 * w + i < end) word.put(i, row[4 * w + i], grid);
    hi[r * words + w] = word.hi;
    lo[r * words + w] = word.lo;
  }
}

// Columns of a matrix whose rows are k: a block of 8 warps for each chunk of 32 columns, turned in shared memory.
extern "C" __global__ void quantize_columns(const float* x, std::uint32_t* hi, std::uint32_t* lo, float* scale,
                                            std::size_t num_r, std::size_t num_k) {
  constexpr int kColumns = 32, kWarps = 8, kWords = 32;
  __shared__ std::uint32_t part[kWarps][kColumns], hi_tile[kColumns][kWords + 1], lo_tile[kColumns][kWords + 1];
  const std::size_t chunks = chunks_of_row(num_k), words = words_of_row(num_k), chunk = blockIdx.y;
  const std::size_t first = chunk * kChunk, end = smaller(num_k, first + kChunk);
  const std::size_t first_column = std::size_t{blockIdx.x} * kColumns, column = first_column + lane_number();
  const int warp = static_cast<int>(threadIdx.x) / kWarp;

  std::uint32_t largest = 0;
  if (column < num_r)
    for (std::size_t k = first + warp; k < end; k += kWarps)
      largest = larger(largest, magnitude_bits(x[k * num_r + column]));
  part[warp][lane_number()] = largest;
  __syncthreads();
  for (int i = 0; i < kWarps; ++i) largest = larger(largest, part[i][lane_number()]);
  const Grid grid(largest);
  if (warp == 0 && column < num_r) scale[column * chunks + chunk] = grid.scale;

  const std::size_t last_word = smaller(words, (first + kChunk) / 4);
  for (std::size_t w0 = first / 4; w0 < last_word; w0 += kWords) {
    for (int w = warp; w < kWords; w += kWarps) {
      Word word;
      for (int i = 0; i < 4; ++i) {
        const std::size_t k = 4 * (w0 + w) + i;
        if (k < end && column < num_r) word.put(i, x[k * num_r + column], grid);
      }
      hi_tile[lane_number()][w] = word.hi;
      lo_tile[lane_number()][w] = word.lo;
    }
    __syncthreads();
    for (int c = warp; c < kColumns; c += kWarps)
      if (first_column + c < num_r && w0 + lane_number() < last_word) {
        hi[(first_column + c) * words + w0 + lane_number()] = hi_tile[c][lane_number()];
        lo[(first_column + c) * words + w0 + lane_number()] = lo_tile[c][lane_number()];
      }
    __syncthreads();
  }
}

// ---- their product

constexpr int kThreads = 256;
constexpr int kRowsA = 128, kRowsB = 64;             // of a block
constexpr int kStepWords = kStep / 4, kStride = 20;  // words of a row in a step, and from one row to the next
constexpr int kTilesM = 2, kTilesN = 4;              // of 16 x 8 outputs, of a warp
constexpr int kLoadsA = kRowsA * 4 / kThreads, kLoadsB = kRowsB * 4 / kThreads;  // of 16 bytes

struct Slices {
  const std::uint32_t *hi, *lo;
  const float* scale;
  std::size_t num_rows;
};

template <int kRows>
struct alignas(16) Step {
  std::uint32_t hi[kRows][kStride], lo[kRows][kStride];
};

template <int kLoads>
struct Loaded {
  uint4 hi[kLoads], lo[kLoads];

  void load(const Slices& it, std::size_t first_row, std::size_t words, std::size_t first_word) {
#pragma unroll
    for (int i = 0; i < kLoads; ++i) {
      const int number = i * kThreads + static_cast<int>(threadIdx.x);
      const std::size_t row = first_row + number / 4, word = first_word + number % 4 * 4;
      const bool is_there = row < it.num_rows && word < words;
      hi[i] = is_there ? *reinterpret_cast<const uint4*>(it.hi + row * words + word) : uint4{0, 0, 0, 0};
      lo[i] = is_there ? *reinterpret_cast<const uint4*>(it.lo + row * words + word) : uint4{0, 0, 0, 0};
    }
  }
  template <int kRows>
  void keep(Step<kRows>& step) const {
#pragma unroll
    for (int i = 0; i < kLoads; ++i) {
      const int number = i * kThreads + static_cast<int>(threadIdx.x);
      *reinterpret_cast<uint4*>(&step.hi[number / 4][number % 4 * 4]) = hi[i];
      *reinterpret_cast<uint4*>(&step.lo[number / 4][number % 4 * 4]) = lo[i];
    }
  }
};

// What a thread holds of the sums of its warp's 32 x 32 outputs: of high by high, and of high by low both ways.
struct Sums {
  int high[kTilesM][kTilesN][4], cross[kTilesM][kTilesN][4];
};

// 32 terms from word `k` of a step on.
inline void multiply(const Step<kRowsA>& a, const Step<kRowsB>& b, int row_a, int row_b, int k, Sums& sums) {
  const int g = lane_number() / 4, t = lane_number() % 4;
  std::uint32_t a_hi[kTilesM][4], a_lo[kTilesM][4], b_hi[kTilesN][2], b_lo[kTilesN][2];
#pragma unroll
  for (int i = 0; i < kTilesM; ++i)
#pragma unroll
    for (int part = 0; part < 4; ++part) {
      const int row = row_a + 16 * i + g + part % 2 * 8, word = k + part / 2 * 4 + t;
      a_hi[i][part] = a.hi[row][word];
      a_lo[i][part] = a.lo[row][word];
    }
#pragma unroll
  for (int j = 0; j < kTilesN; ++j)
#pragma unroll
    for (int part = 0; part < 2; ++part) {
      b_hi[j][part] = b.hi[row_b + 8 * j + g][k + part * 4 + t];
      b_lo[j][part] = b.lo[row_b + 8 * j + g][k + part * 4 + t];
    }
#pragma unroll
  for (int i = 0; i < kTilesM; ++i)
#pragma unroll
    for (int j = 0; j < kTilesN; ++j) {
      add_bytes(sums.high[i][j], a_hi[i], b_hi[j]);
      add_bytes(sums.cross[i][j], a_hi[i], b_lo[j]);
      add_bytes(sums.cross[i][j], a_lo[i], b_hi[j]);
    }
}

struct Out {
  float* data;
  std::size_t row, column;  // of the warp's first
  std::size_t chunk, chunks;
  bool adds;
};

// The chunk's sums, converted once and scaled twice; the next begin at 0.
inline void end_chunk(const Slices& a, const Slices& b, const Out& out, Sums& sums) {
  const int g = lane_number() / 4, t = lane_number() % 4;
#pragma unroll
  for (int i = 0; i < kTilesM; ++i)
#pragma unroll
    for (int j = 0; j < kTilesN; ++j)
#pragma unroll
      for (int c = 0; c < 4; ++c) {
        const std::size_t m = out.row + 16 * i + g + c / 2 * 8, n = out.column + 8 * j + 2 * t + c % 2;
        const int sum = 256 * sums.high[i][j][c] + sums.cross[i][j][c];
        sums.high[i][j][c] = sums.cross[i][j][c] = 0;
        if (m >= a.num_rows || n >= b.num_rows) continue;
        const float scaled =
            static_cast<float>(sum) * a.scale[m * out.chunks + out.chunk] * b.scale[n * out.chunks + out.chunk];
        float* place = out.data + m * b.num_rows + n;
        *place = out.adds ? *place + scaled : scaled;
      }
}

extern "C" __global__ __launch_bounds__(kThreads) void integer_product(const std::uint32_t* a_hi,
                                                                       const std::uint32_t* a_lo, const float* a_scale,
                                                                       const std::uint32_t* b_hi,
                                                                       const std::uint32_t* b_lo, const float* b_scale,
                                                                       float* out, std::size_t num_m, std::size_t num_n,
                                                                       std::size_t num_k, std::size_t is_continued) {
  __shared__ Step<kRowsA> a_step;
  __shared__ Step<kRowsB> b_step;
  const Slices a{a_hi, a_lo, a_scale, num_m}, b{b_hi, b_lo, b_scale, num_n};
  const std::size_t first_m = std::size_t{blockIdx.y} * kRowsA, first_n = std::size_t{blockIdx.x} * kRowsB;
  const int warp = static_cast<int>(threadIdx.x) / kWarp, row_a = warp / 2 * 32, row_b = warp % 2 * 32;
  const std::size_t words = words_of_row(num_k), chunks = chunks_of_row(num_k);
  Sums sums = {};
  Loaded<kLoadsA> a_next;
  Loaded<kLoadsB> b_next;
  a_next.load(a, first_m, words, 0);
  b_next.load(b, first_n, words, 0);
  for (std::size_t k = 0; k < num_k; k += kStep) {
    __syncthreads();
    a_next.keep(a_step);
    b_next.keep(b_step);
    __syncthreads();
    a_next.load(a, first_m, words, k / 4 + kStepWords);  // on their way while this step is computed
    b_next.load(b, first_n, words, k / 4 + kStepWords);
    for (int half = 0; half < kStepWords; half += 8) multiply(a_step, b_step, row_a, row_b, half, sums);
    if ((k + kStep) % kChunk == 0 || k + kStep >= num_k)
      end_chunk(a, b, {out, first_m + row_a, first_n + row_b, k / kChunk, chunks, k >= kChunk || is_continued != 0},
                sums);
  }
}

}  // namespace gw::GW_ISA
