// The loss and gradients defined in linear_cross_entropy.py, bit for bit, 512 rows at a time:
//
//   logits = x weight^T          a block of 512 rows, the only logits there ever are
//   loss, dlogits                row by row in place, each row in the first-level cache
//   dx = dlogits weight          the block's rows
//   dweight += dlogits^T x       one chunk of its sum, where it is wanted
#include "native/linear_cross_entropy.h"

#include <algorithm>

#include "native/elementary.h"
#include "native/integer_matmul.h"
#include "native/lanes.h"
#include "native/matmul.h"
#include "native/pool.h"
#include "native/scratch.h"
#include "native/simd.h"

namespace gw::GW_ISA {
namespace {

constexpr std::size_t kRowsPerTask = 16;
// Version 2: terms further than this below the largest logit are +0.
constexpr float kFar = -60.0f;

thread_local Scratch logits_scratch, slope_scratch;

float maximum(const float* x, std::size_t n) {
  constexpr std::size_t kNumVecs = 4;  // several, because each comparison waits for the one before
  Vec best[kNumVecs];
  for (Vec& lanes : best) lanes = Vec::set(-kInfinity);
  std::size_t i = 0;
  for (; i + kNumVecs * Vec::kLanes <= n; i += kNumVecs * Vec::kLanes)
    for (std::size_t j = 0; j < kNumVecs; ++j) {
      const Vec candidate = Vec::load(x + i + j * Vec::kLanes);
      best[j] = select(best[j] < candidate, candidate, best[j]);
    }
  float found = -kInfinity;
  for (const Vec& lanes : best) {
    float lane[Vec::kLanes];
    lanes.store(lane);
    for (float candidate : lane) found = found < candidate ? candidate : found;
  }
  for (; i < n; ++i) found = found < x[i] ? x[i] : found;
  return found;
}

Vec exp_of_near(Vec x) {
  const Mask is_far = x < Vec::set(kFar);
  return select(is_far, Vec::set(0.0f), exp(select(is_far, Vec::set(0.0f), x)));
}

// Puts exp(logit - max) in the logits' place and returns their sum.
template <bool kOfVersion2>
float exponentials(float* logit_V, float max, std::size_t num_v) {
  LaneSum sum;
  for_each_slot(num_v, [&](std::size_t v, int slot, auto part) {
    const Vec shifted = part.load(logit_V + v) - Vec::set(max);
    const Vec e = kOfVersion2 ? exp_of_near(shifted) : exp(shifted);
    part.store(e, logit_V + v);
    sum.add(slot, part, e);
  });
  return sum.total();
}

// Caps the logits in place, and puts the slope of the cap beside them where it is asked for.
void cap_logits(float* logit_V, float soft_cap, std::size_t num_v, float* slope_V) {
  const Vec cap = Vec::set(soft_cap);
  for_each_vec(num_v, [&](std::size_t v, auto part) {
    const Vec t = tanh(part.load(logit_V + v) / cap);
    part.store(cap * t, logit_V + v);
    if (slope_V) part.store(fma(-t, t, Vec::set(1.0f)), slope_V + v);
  });
}

// One row: its loss, and its logits replaced by their gradient.
void row(const LinearCrossEntropyArgs& args, std::size_t r, float* logit_V) {
  const std::int64_t target = args.target[r];
  if (target == kNotCounted) {
    args.loss[r] = 0.0f;
    if (args.dx != nullptr) std::fill_n(logit_V, args.num_v, 0.0f);
    return;
  }
  float* slope_V = nullptr;
  if (args.soft_cap != 0.0f) {
    if (args.dx != nullptr) slope_V = slope_scratch.floats(args.num_v);
    cap_logits(logit_V, args.soft_cap, args.num_v, slope_V);
  }
  const float max = maximum(logit_V, args.num_v);
  const float shifted_target = logit_V[target] - max;
  const float sum = (args.by_integers ? exponentials<true> : exponentials<false>)(logit_V, max, args.num_v);
  args.loss[r] = first_lane(log(Vec::set(sum))) - shifted_target;
  if (args.dx == nullptr) return;

  const float scale_over_sum = args.scale / sum;
  const float exp_target = logit_V[target];
  for_each_vec(args.num_v, [&](std::size_t v, auto part) {
    part.store(part.load(logit_V + v) * Vec::set(scale_over_sum), logit_V + v);
  });
  logit_V[target] = first_lane(fma(Vec::set(exp_target), Vec::set(scale_over_sum), Vec::set(-args.scale)));
  if (slope_V)
    for_each_vec(args.num_v, [&](std::size_t v, auto part) {
      part.store(part.load(logit_V + v) * part.load(slope_V + v), logit_V + v);
    });
}

}  // namespace

void linear_cross_entropy(const LinearCrossEntropyArgs& args) {
  const std::size_t num_v = args.num_v, num_d = args.num_d;
  if (args.num_r == 0 && args.dweight != nullptr) std::fill_n(args.dweight, num_v * num_d, 0.0f);

  void (*const product)(const MatmulArgs&) = args.by_integers ? &integer_matmul : &matmul;
  float* logits = logits_scratch.floats(std::min(args.num_r, kChunk) * num_v);
  for (std::size_t first = 0; first < args.num_r; first += kChunk) {
    const std::size_t num_rows = std::min(args.num_r - first, kChunk);
    const float* x = args.x + first * num_d;
    product({x, args.weight, logits, num_rows, num_v, num_d, Layout::nt});
    parallel_for((num_rows + kRowsPerTask - 1) / kRowsPerTask, [&](std::size_t task) {
      const std::size_t end = std::min(num_rows, (task + 1) * kRowsPerTask);
      for (std::size_t i = task * kRowsPerTask; i < end; ++i) row(args, first + i, logits + i * num_v);
    });
    if (args.dx == nullptr) continue;
    product({logits, args.weight, args.dx + first * num_d, num_rows, num_d, num_v, Layout::nn});
    if (args.dweight == nullptr) continue;
    product({logits, x, args.dweight, num_v, num_d, num_rows, Layout::tn, /*adds_to_out=*/first > 0});
  }
}

}  // namespace gw::GW_ISA
