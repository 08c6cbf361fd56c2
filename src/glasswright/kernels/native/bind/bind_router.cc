#include "../router.h"

#include "arrays.h"

namespace gw {
namespace {

constexpr std::int64_t kMaxGroups = 1 << 24;

void require_chosen(std::size_t chosen, std::size_t most) {
  require(1 <= chosen && chosen <= most,
          "expert_RK: expected 1 to " + std::to_string(most) + " experts a row, got " + std::to_string(chosen));
}

// What softmax and sigmoid have in common; softmax has no bias.
RouterArgs router_args(Door& door, const In<2>& logits, const float* bias, nb::handle num_groups, nb::handle num_kept,
                       nb::handle is_normalized, nb::handle scale, nb::handle score_RX, nb::handle expert_RK,
                       nb::handle weight_RK) {
  const std::size_t rows = logits.shape(0), experts = logits.shape(1);
  const auto score = door.writes<2>("score_RX", score_RX, {rows, experts});
  const auto expert = door.writes_ids<2>("expert_RK", expert_RK, {rows, kAny});
  const std::size_t chosen = expert.shape(1);
  const auto weight = door.writes<2>("weight_RK", weight_RK, {rows, chosen});
  const auto groups = static_cast<std::size_t>(require_integer("num_groups", num_groups, 1, kMaxGroups));
  const auto kept = static_cast<std::size_t>(require_integer("num_kept", num_kept, 1, kMaxGroups));
  require(experts % groups == 0 && kept <= groups, "num_groups: expected a divisor of " + std::to_string(experts) +
                                                       " not below " + std::to_string(kept) + ", got " +
                                                       std::to_string(groups));
  require_chosen(chosen, kept * (experts / groups));
  const bool normalized = require_integer("is_normalized", is_normalized, 0, 1) == 1;
  return {logits.data(), bias,          groups,        kept, normalized, require_exact("scale", scale),
          score.data(),  expert.data(), weight.data(), rows, experts,    chosen};
}

void softmax_router(nb::handle logits_RX, nb::handle num_groups, nb::handle num_kept, nb::handle is_normalized,
                    nb::handle scale, nb::handle score_RX, nb::handle expert_RK, nb::handle weight_RK) {
  Door door;
  const auto logits = door.reads<2>("logits_RX", logits_RX);
  const RouterArgs args =
      router_args(door, logits, nullptr, num_groups, num_kept, is_normalized, scale, score_RX, expert_RK, weight_RK);
  Unlocked unlocked;
  GW_RUN(softmax_router, args);
}

void sigmoid_router(nb::handle logits_RX, nb::handle bias_X, nb::handle num_groups, nb::handle num_kept,
                    nb::handle is_normalized, nb::handle scale, nb::handle score_RX, nb::handle expert_RK,
                    nb::handle weight_RK) {
  Door door;
  const auto logits = door.reads<2>("logits_RX", logits_RX);
  const auto bias = door.reads<1>("bias_X", bias_X, {logits.shape(1)});
  const RouterArgs args = router_args(door, logits, bias.data(), num_groups, num_kept, is_normalized, scale, score_RX,
                                      expert_RK, weight_RK);
  Unlocked unlocked;
  GW_RUN(sigmoid_router, args);
}

RouterBackwardArgs backward_args(nb::handle dweight_RK, nb::handle score_RX, nb::handle expert_RK,
                                 nb::handle is_normalized, nb::handle scale, nb::handle dlogits_RX) {
  Door door;
  const auto score = door.reads<2>("score_RX", score_RX);
  const std::size_t rows = score.shape(0), experts = score.shape(1);
  const auto expert = door.reads_id_rows("expert_RK", expert_RK, {rows, kAny});
  const std::size_t chosen = expert.shape(1);
  const auto dweight = door.reads<2>("dweight_RK", dweight_RK, {rows, chosen});
  const auto dlogits = door.writes<2>("dlogits_RX", dlogits_RX, {rows, experts});
  const bool normalized = require_integer("is_normalized", is_normalized, 0, 1) == 1;
  const float factor = require_exact("scale", scale);
  require_chosen(chosen, experts);
  require_ascending("expert_RK", expert, experts);
  return {dweight.data(), score.data(), expert.data(), normalized, factor, dlogits.data(), rows, experts, chosen};
}

void softmax_router_backward(nb::handle dweight_RK, nb::handle score_RX, nb::handle expert_RK, nb::handle is_normalized,
                             nb::handle scale, nb::handle dlogits_RX) {
  const auto args = backward_args(dweight_RK, score_RX, expert_RK, is_normalized, scale, dlogits_RX);
  Unlocked unlocked;
  GW_RUN(softmax_router_backward, args);
}

void sigmoid_router_backward(nb::handle dweight_RK, nb::handle score_RX, nb::handle expert_RK, nb::handle is_normalized,
                             nb::handle scale, nb::handle dlogits_RX) {
  const auto args = backward_args(dweight_RK, score_RX, expert_RK, is_normalized, scale, dlogits_RX);
  Unlocked unlocked;
  GW_RUN(sigmoid_router_backward, args);
}

const Binding binding([](nb::module_& m) {
  m.def("softmax_router", &softmax_router, arg("logits_RX"), arg("num_groups"), arg("num_kept"), arg("is_normalized"),
        arg("scale"), arg("score_RX"), arg("expert_RK"), arg("weight_RK"));
  m.def("sigmoid_router", &sigmoid_router, arg("logits_RX"), arg("bias_X"), arg("num_groups"), arg("num_kept"),
        arg("is_normalized"), arg("scale"), arg("score_RX"), arg("expert_RK"), arg("weight_RK"));
  m.def("softmax_router_backward", &softmax_router_backward, arg("dweight_RK"), arg("score_RX"), arg("expert_RK"),
        arg("is_normalized"), arg("scale"), arg("dlogits_RX"));
  m.def("sigmoid_router_backward", &sigmoid_router_backward, arg("dweight_RK"), arg("score_RX"), arg("expert_RK"),
        arg("is_normalized"), arg("scale"), arg("dlogits_RX"));
});

}  // namespace
}  // namespace gw
