// The update defined in muon.py, bit for bit, without moving a matrix to transpose it.
//
// Where M > N the definition works on X = u^T. Here x stays as u lies, and the products are taken from the other side:
//
//   X X^T = x^T x              the same products of the same pairs, in the same order
//   (B X)^T = x B              B is its own transpose bit for bit, and a product of two numbers commutes exactly
//
// Where a factor is its own transpose, it may be read by columns, which lie side by side: S S = S^T S and B X = B^T X.
// Products by integers spend some of their time on reading.
#include "native/muon.h"

#include <algorithm>
#include <cmath>

#include "native/float_mode.h"
#include "native/integer_matmul.h"
#include "native/lanes.h"
#include "native/matmul.h"
#include "native/pool.h"
#include "native/scratch.h"
#include "native/simd.h"
#include "native/sums.h"

namespace gw::GW_ISA {
namespace {

// Newton-Schulz coefficients, K. Jordan et al. 2024.
constexpr float kA = 0x1.b8e560p+1f, kB = -0x1.31999ap+2f, kC = 0x1.040832p+1f;
constexpr int kNumSteps = 5;
constexpr float kEpsilon = 0x1.ad7f2ap-24f;
constexpr float kRms = 0x1.99999ap-3f;

// Elements per task of an elementwise pass.
constexpr std::size_t kBlock = 1 << 14;

thread_local Scratch x_scratch, product_scratch, gram_scratch, square_scratch;

// body(i, part) for each vector of a matrix of n elements.
template <class Body>
void for_each_element(std::size_t n, const Body& body) {
  parallel_for((n + kBlock - 1) / kBlock, [&](std::size_t task) {
    const std::size_t begin = task * kBlock;
    for_each_vec(std::min(n - begin, kBlock), [&](std::size_t i, auto part) { body(begin + i, part); });
  });
}

// The momentum, and x = the update it gives.
void nesterov(const MuonArgs& args, float* x) {
  const Vec clip = Vec::set(args.clip), beta = Vec::set(args.momentum_beta);
  for_each_element(args.num_m * args.num_n, [&](std::size_t i, auto part) {
    const Vec g = clip * part.load(args.grad + i);
    const Vec momentum = fma(beta, part.load(args.momentum + i), g);
    part.store(momentum, args.momentum + i);
    part.store(fma(beta, momentum, g), x + i);
  });
}

void normalize(float* x, std::size_t n) {
  float squares;
  sum_of_squares({x, &squares, n});
  const Vec inverse = Vec::set(1.0f / (std::sqrt(squares) + kEpsilon));
  for_each_element(n, [&](std::size_t i, auto part) { part.store(part.load(x + i) * inverse, x + i); });
}

struct Work {
  float* x;        // (num_m, num_n)
  float* product;  // (num_m, num_n)
  float* gram;     // (side, side), S and then B
  float* square;   // (side, side), S S
};

void newton_schulz_step(const MuonArgs& args, const Work& work) {
  const std::size_t num_m = args.num_m, num_n = args.num_n, side = std::min(num_m, num_n);
  const bool is_tall = num_m > num_n;
  void (*const product)(const MatmulArgs&) = args.by_integers ? &integer_matmul : &matmul;
  const Layout of_symmetric = args.by_integers ? Layout::tn : Layout::nn;
  product({.a = work.x,
           .b = work.x,
           .out = work.gram,
           .num_m = side,
           .num_n = side,
           .num_k = std::max(num_m, num_n),
           .layout = is_tall ? Layout::tn : Layout::nt,
           .is_symmetric = true});
  product({.a = work.gram,
           .b = work.gram,
           .out = work.square,
           .num_m = side,
           .num_n = side,
           .num_k = side,
           .layout = of_symmetric,
           .is_symmetric = true});
  for_each_element(side * side, [&](std::size_t i, auto part) {
    const Vec s = part.load(work.gram + i);
    part.store(fma(Vec::set(kC), part.load(work.square + i), Vec::set(kB) * s), work.gram + i);
  });
  product({.a = is_tall ? work.x : work.gram,
           .b = is_tall ? work.gram : work.x,
           .out = work.product,
           .num_m = num_m,
           .num_n = num_n,
           .num_k = side,
           .layout = is_tall ? Layout::nn : of_symmetric});
  for_each_element(num_m * num_n, [&](std::size_t i, auto part) {
    part.store(fma(Vec::set(kA), part.load(work.x + i), part.load(work.product + i)), work.x + i);
  });
}

void move_param(const MuonArgs& args, const float* orthogonal) {
  const Vec scale = Vec::set(kRms * std::sqrt(static_cast<float>(std::max(args.num_m, args.num_n))));
  const Vec decay = Vec::set(args.weight_decay), rate = Vec::set(-args.learning_rate);
  for_each_element(args.num_m * args.num_n, [&](std::size_t i, auto part) {
    const Vec param = part.load(args.param + i);
    part.store(fma(rate, fma(decay, param, scale * part.load(orthogonal + i)), param), args.param + i);
  });
}

}  // namespace

void muon(const MuonArgs& args) {
  const FloatMode mode;  // the norm and the scale are computed here, outside any task
  const std::size_t n = args.num_m * args.num_n, side = std::min(args.num_m, args.num_n);
  const Work work{x_scratch.floats(n), product_scratch.floats(n), gram_scratch.floats(side * side),
                  square_scratch.floats(side * side)};
  nesterov(args, work.x);
  normalize(work.x, n);
  for (int i = 0; i < kNumSteps; ++i) newton_schulz_step(args, work);
  move_param(args, work.x);
}

}  // namespace gw::GW_ISA
