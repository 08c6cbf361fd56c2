// The choice of experts defined in router.py, bit for bit: a row a warp.
//
// An expert's rank is counted: how many are larger, or equal and before it. So no order of comparisons is needed.
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr float kFloor = 0x1.79ca1p-67f;
constexpr std::size_t kMaxExperts = 1024, kWarps = 8;

inline float without_nan(float x) { return x == x ? x : -kInfinity; }
inline bool is_before(float a, std::size_t i, float b, std::size_t j) { return a > b || (a == b && i < j); }

struct Groups {
  std::size_t num_x, num_groups, num_kept;
  int num_best;  // how many of a group's choices say what it is worth

  std::size_t size() const { return num_x / num_groups; }
  float worth(const float* choice, std::size_t group) const {
    float best = -kInfinity, second = -kInfinity;
    for (std::size_t x = group * size(); x < (group + 1) * size(); ++x) {
      if (choice[x] > best)
        second = best, best = choice[x];
      else if (choice[x] > second)
        second = choice[x];
    }
    return num_best == 1 || size() == 1 ? best : without_nan(best + second);
  }
  bool keeps(const float* choice, std::size_t group) const {
    const float own = worth(choice, group);
    std::size_t rank = 0;
    for (std::size_t other = 0; other < num_groups; ++other) rank += is_before(worth(choice, other), other, own, group);
    return rank < num_kept;
  }
};

// Writes the numbers of the experts chosen, ascending. choice has NaN at experts of groups that are not kept when done.
inline void choose(float* choice, const Groups& groups, std::size_t num_k, std::int64_t* expert) {
  const std::size_t lane = lane_number();
  std::uint32_t is_kept = 0;  // a bit for each expert of this lane's
  for (std::size_t x = lane; x < groups.num_x; x += kWarp)
    is_kept |= std::uint32_t{groups.keeps(choice, x / groups.size())} << (x / kWarp);
  __syncwarp();
  for (std::size_t x = lane; x < groups.num_x; x += kWarp)
    if (!(is_kept >> (x / kWarp) & 1)) choice[x] = kNaN;
  __syncwarp();
  std::size_t num_before = 0;
  for (std::size_t first = 0; first < groups.num_x; first += kWarp) {
    const std::size_t x = first + lane;
    std::size_t rank = 0;
    if (x < groups.num_x)
      for (std::size_t y = 0; y < groups.num_x; ++y) rank += is_before(choice[y], y, choice[x], x);
    const bool is_chosen = x < groups.num_x && (is_kept >> (x / kWarp) & 1) && rank < num_k;
    const std::uint32_t bits = __ballot_sync(0xFFFFFFFFu, is_chosen);
    if (is_chosen) expert[num_before + __popc(bits & ((1u << lane) - 1))] = static_cast<std::int64_t>(x);
    num_before += __popc(bits);
  }
  __syncwarp();
}

// What normalized weights are divided by.
inline float total_of(const float* score, const std::int64_t* expert, std::size_t num_k) {
  float total = score[expert[0]];
  for (std::size_t j = 1; j < num_k; ++j) total = total + score[expert[j]];
  return total + kFloor;
}

inline void weigh(const float* score, const std::int64_t* expert, bool is_normalized, float scale, float* weight,
                  std::size_t num_k) {
  const float total = total_of(score, expert, num_k);
  for_each_in_row(num_k, [&](std::size_t j) {
    const float s = score[expert[j]];
    weight[j] = (is_normalized ? s / total : s) * scale;
  });
}

extern "C" __global__ void softmax_router(const float* logits, std::size_t num_groups, std::size_t num_kept,
                                          std::size_t is_normalized, float scale, float* score, std::int64_t* expert,
                                          float* weight, std::size_t num_r, std::size_t num_x, std::size_t num_k) {
  __shared__ float choices[kWarps][kMaxExperts];
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  const float* logit = logits + r * num_x;
  float *own = score + r * num_x, *choice = choices[threadIdx.x / kWarp];
  float largest = -kInfinity;
  for_each_in_row(num_x, [&](std::size_t x) { largest = largest < logit[x] ? logit[x] : largest; });
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const float other = __shfl_xor_sync(0xFFFFFFFFu, largest, distance);
    largest = largest < other ? other : largest;
  }
  const float sum = ordered_fold(num_x, [&](std::size_t x, float lane) { return lane + exp(logit[x] - largest); });
  for_each_in_row(num_x, [&](std::size_t x) {
    own[x] = exp(logit[x] - largest) / sum;
    choice[x] = without_nan(own[x]);
  });
  __syncwarp();
  choose(choice, {num_x, num_groups, num_kept, 1}, num_k, expert + r * num_k);
  weigh(own, expert + r * num_k, is_normalized != 0, scale, weight + r * num_k, num_k);
}

extern "C" __global__ void sigmoid_router(const float* logits, const float* bias, std::size_t num_groups,
                                          std::size_t num_kept, std::size_t is_normalized, float scale, float* score,
                                          std::int64_t* expert, float* weight, std::size_t num_r, std::size_t num_x,
                                          std::size_t num_k) {
  __shared__ float choices[kWarps][kMaxExperts];
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  float *own = score + r * num_x, *choice = choices[threadIdx.x / kWarp];
  for_each_in_row(num_x, [&](std::size_t x) {
    own[x] = sigmoid(logits[r * num_x + x]);
    choice[x] = without_nan(own[x] + bias[x]);
  });
  __syncwarp();
  choose(choice, {num_x, num_groups, num_kept, 2}, num_k, expert + r * num_k);
  weigh(own, expert + r * num_k, is_normalized != 0, scale, weight + r * num_k, num_k);
}

// The gradient of a row's chosen scores: ds(j), and the chain of it with them.
struct ScoreGradient {
  const float *dweight, *score;
  const std::int64_t* expert;
  float scale;
  std::size_t num_k;
  bool is_normalized;
  float total = 1.0f, chain = 0.0f;

  void prepare() {
    if (!is_normalized) return;
    total = total_of(score, expert, num_k);
    for (std::size_t j = 0; j < num_k; ++j) chain = std::fma(dweight[j] * scale, score[expert[j]] / total, chain);
  }
  float at(std::size_t j) const {
    const float g = dweight[j] * scale;
    return is_normalized ? (g - chain) / total : g;
  }
  float with_scores() const {
    float sum = 0.0f;
    for (std::size_t j = 0; j < num_k; ++j) sum = std::fma(at(j), score[expert[j]], sum);
    return sum;
  }
};

// body(x, ds, is_chosen) for every expert of a row.
template <class Body>
inline void for_each_expert(const ScoreGradient& ds, std::size_t num_x, const Body& body) {
  for_each_in_row(num_x, [&](std::size_t x) {
    float own = 0.0f;
    bool is_chosen = false;
    for (std::size_t j = 0; j < ds.num_k; ++j)
      if (ds.expert[j] == static_cast<std::int64_t>(x)) own = ds.at(j), is_chosen = true;
    body(x, own, is_chosen);
  });
}

extern "C" __global__ void softmax_router_backward(const float* dweight, const float* score, const std::int64_t* expert,
                                                   std::size_t is_normalized, float scale, float* dlogits,
                                                   std::size_t num_r, std::size_t num_x, std::size_t num_k) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  const float* own = score + r * num_x;
  ScoreGradient ds{dweight + r * num_k, own, expert + r * num_k, scale, num_k, is_normalized != 0};
  ds.prepare();
  const float sum = ds.with_scores();
  for_each_expert(ds, num_x, [&](std::size_t x, float d, bool) { dlogits[r * num_x + x] = own[x] * (d - sum); });
}

extern "C" __global__ void sigmoid_router_backward(const float* dweight, const float* score, const std::int64_t* expert,
                                                   std::size_t is_normalized, float scale, float* dlogits,
                                                   std::size_t num_r, std::size_t num_x, std::size_t num_k) {
  const std::size_t r = warp_number();
  if (r >= num_r) return;
  const float* own = score + r * num_x;
  ScoreGradient ds{dweight + r * num_k, own, expert + r * num_k, scale, num_k, is_normalized != 0};
  ds.prepare();
  for_each_expert(ds, num_x, [&](std::size_t x, float d, bool is_chosen) {
    dlogits[r * num_x + x] = is_chosen ? d * (own[x] * (1.0f - own[x])) : 0.0f;
  });
}

}  // namespace gw::GW_ISA
