// The choice of experts defined in router.py, bit for bit.
#include "native/router.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "native/elementary.h"
#include "native/lanes.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

constexpr float kFloor = 0x1.79ca1p-67f;
constexpr std::size_t kTaskSize = 1 << 12;  // experts of a task, in whole rows

// body(first, end) for the rows of each task.
template <class Body>
void for_each_task(std::size_t num_rows, std::size_t num_experts, Body body) {
  const std::size_t rows = std::max<std::size_t>(1, kTaskSize / num_experts);
  parallel_for((num_rows + rows - 1) / rows,
               [&](std::size_t task) { body(task * rows, std::min(num_rows, (task + 1) * rows)); });
}

void softmax(const float* logits, std::size_t num, float* score) {
  float max = -kInfinity;
  for (std::size_t x = 0; x < num; ++x)
    if (max < logits[x]) max = logits[x];
  const Vec highest = Vec::set(max);
  for_each_vec(num, [&](std::size_t x, auto part) { part.store(exp(part.load(logits + x) - highest), score + x); });
  const Vec sum = Vec::set(ordered_sum(score, num));
  for_each_vec(num, [&](std::size_t x, auto part) { part.store(part.load(score + x) / sum, score + x); });
}

// Where the largest of a few numbers stand, NaN taken as -infinity; of equal ones, the first that was offered.
class Largest {
 public:
  explicit Largest(std::size_t num) : places_(num), values_(num) {}

  void clear() { num_ = 0; }
  void offer(std::size_t place, float value) {
    if (std::isnan(value)) value = -kInfinity;
    if (num_ == values_.size() && !(values_[num_ - 1] < value)) return;
    std::size_t i = num_ == values_.size() ? num_ - 1 : num_++;
    for (; i > 0 && values_[i - 1] < value; --i) {
      values_[i] = values_[i - 1];
      places_[i] = places_[i - 1];
    }
    values_[i] = value;
    places_[i] = place;
  }
  float sum() const {
    float total = values_[0];
    for (std::size_t i = 1; i < num_; ++i) total += values_[i];
    return total;
  }
  // Ends what was offered: the values are no longer beside their places.
  const std::vector<std::size_t>& ascending_places() {
    for (std::size_t i = 1; i < num_; ++i)
      for (std::size_t j = i; j > 0 && places_[j] < places_[j - 1]; --j) std::swap(places_[j], places_[j - 1]);
    return places_;
  }

 private:
  std::vector<std::size_t> places_;
  std::vector<float> values_;  // the largest first
  std::size_t num_ = 0;
};

// Chooses the experts of one row after another.
class Chooser {
 public:
  Chooser(const RouterArgs& args, std::size_t num_best)
      : size_(args.num_experts / args.num_groups), best_(num_best), groups_(args.num_kept), experts_(args.num_chosen) {}

  void choose(const float* choice, std::size_t num_experts, std::int64_t* expert) {
    groups_.clear(), experts_.clear();
    for (std::size_t first = 0; first < num_experts; first += size_) groups_.offer(first, group_score(choice, first));
    for (const std::size_t first : groups_.ascending_places())
      for (std::size_t x = first; x < first + size_; ++x) experts_.offer(x, choice[x]);
    for (const std::size_t x : experts_.ascending_places()) *expert++ = static_cast<std::int64_t>(x);
  }

 private:
  float group_score(const float* choice, std::size_t first) {
    best_.clear();
    for (std::size_t x = first; x < first + size_; ++x) best_.offer(x, choice[x]);
    return best_.sum();
  }

  std::size_t size_;
  Largest best_, groups_, experts_;
};

float total_of(const float* score, const std::int64_t* expert, std::size_t num) {
  float total = score[expert[0]];
  for (std::size_t j = 1; j < num; ++j) total += score[expert[j]];
  return total + kFloor;
}

void weigh(const RouterArgs& args, const float* score, const std::int64_t* expert, float* weight) {
  const float total = args.is_normalized ? total_of(score, expert, args.num_chosen) : 1.0f;
  for (std::size_t j = 0; j < args.num_chosen; ++j) weight[j] = score[expert[j]] / total * args.scale;
}

// The gradient with respect to the chosen scores.
void score_gradients(const RouterBackwardArgs& args, std::size_t r, float* ds) {
  const float* score = args.score + r * args.num_experts;
  const float* dweight = args.dweight + r * args.num_chosen;
  const std::int64_t* expert = args.expert + r * args.num_chosen;
  for (std::size_t j = 0; j < args.num_chosen; ++j) ds[j] = dweight[j] * args.scale;
  if (!args.is_normalized) return;
  const float total = total_of(score, expert, args.num_chosen);
  float c = 0.0f;
  for (std::size_t j = 0; j < args.num_chosen; ++j) c = std::fma(ds[j], score[expert[j]] / total, c);
  for (std::size_t j = 0; j < args.num_chosen; ++j) ds[j] = (ds[j] - c) / total;
}

}  // namespace

void softmax_router(const RouterArgs& args) {
  for_each_task(args.num_rows, args.num_experts, [&](std::size_t first, std::size_t end) {
    Chooser chooser(args, 1);
    for (std::size_t r = first; r < end; ++r) {
      float* score = args.score + r * args.num_experts;
      std::int64_t* expert = args.expert + r * args.num_chosen;
      softmax(args.logits + r * args.num_experts, args.num_experts, score);
      chooser.choose(score, args.num_experts, expert);
      weigh(args, score, expert, args.weight + r * args.num_chosen);
    }
  });
}

void sigmoid_router(const RouterArgs& args) {
  for_each_task(args.num_rows, args.num_experts, [&](std::size_t first, std::size_t end) {
    Chooser chooser(args, 2);
    std::vector<float> choice(args.num_experts);
    for (std::size_t r = first; r < end; ++r) {
      const float* logits = args.logits + r * args.num_experts;
      float* score = args.score + r * args.num_experts;
      std::int64_t* expert = args.expert + r * args.num_chosen;
      for_each_vec(args.num_experts, [&](std::size_t x, auto part) {
        const Vec s = sigmoid(part.load(logits + x));
        part.store(s, score + x);
        part.store(s + part.load(args.bias + x), choice.data() + x);
      });
      chooser.choose(choice.data(), args.num_experts, expert);
      weigh(args, score, expert, args.weight + r * args.num_chosen);
    }
  });
}

void softmax_router_backward(const RouterBackwardArgs& args) {
  for_each_task(args.num_rows, args.num_experts, [&](std::size_t first, std::size_t end) {
    std::vector<float> ds(args.num_chosen);
    for (std::size_t r = first; r < end; ++r) {
      const float* score = args.score + r * args.num_experts;
      const std::int64_t* expert = args.expert + r * args.num_chosen;
      float* dlogits = args.dlogits + r * args.num_experts;
      score_gradients(args, r, ds.data());
      float inner = 0.0f;
      for (std::size_t j = 0; j < args.num_chosen; ++j) inner = std::fma(ds[j], score[expert[j]], inner);
      const Vec not_chosen = Vec::set(0.0f - inner);
      for_each_vec(args.num_experts,
                   [&](std::size_t x, auto part) { part.store(part.load(score + x) * not_chosen, dlogits + x); });
      for (std::size_t j = 0; j < args.num_chosen; ++j) dlogits[expert[j]] = score[expert[j]] * (ds[j] - inner);
    }
  });
}

void sigmoid_router_backward(const RouterBackwardArgs& args) {
  for_each_task(args.num_rows, args.num_experts, [&](std::size_t first, std::size_t end) {
    std::vector<float> ds(args.num_chosen);
    for (std::size_t r = first; r < end; ++r) {
      const float* score = args.score + r * args.num_experts;
      const std::int64_t* expert = args.expert + r * args.num_chosen;
      float* dlogits = args.dlogits + r * args.num_experts;
      score_gradients(args, r, ds.data());
      std::fill_n(dlogits, args.num_experts, 0.0f);
      for (std::size_t j = 0; j < args.num_chosen; ++j) {
        const float s = score[expert[j]];
        dlogits[expert[j]] = ds[j] * (s * (1.0f - s));
      }
    }
  });
}

}  // namespace gw::GW_ISA
