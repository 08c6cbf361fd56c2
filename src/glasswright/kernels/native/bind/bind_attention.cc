#include "../attention.h"

#include "arrays.h"

namespace gw {
namespace {

constexpr std::int64_t kMaxWindow = std::int64_t{1} << 31;

// The shape that q, k and v agree on.
AttentionShape shape_of(const In<4>& q, const In<4>& k, const In<4>& v) {
  const AttentionShape shape{q.shape(0), q.shape(1), k.shape(1), q.shape(2), k.shape(2), q.shape(3), v.shape(3)};
  const auto& [S, T, U, H, G, E, F] = shape;
  require(G > 0 && H % G == 0,
          "k: expected a number of heads that divides the " + std::to_string(H) + " of q, got " + std::to_string(G));
  require(U >= T, "k: expected at least the " + std::to_string(T) + " positions of q, got " + std::to_string(U));
  require(E > 0, "q: expected a head dimension of at least 1, got 0");
  require(F > 0, "v: expected a head dimension of at least 1, got 0");
  return shape;
}

AttentionRule rule_of(nb::handle scale, nb::handle window, nb::handle soft_cap) {
  const float exact_scale = require_exact("scale", scale), exact_cap = require_exact("soft_cap", soft_cap);
  return {exact_scale, static_cast<std::size_t>(require_integer("window", window, 0, kMaxWindow)), exact_cap};
}

void attention(nb::handle q_STHE, nb::handle k_SUGE, nb::handle v_SUGF, nb::handle scale, nb::handle window,
               nb::handle soft_cap, nb::handle out_STHF, nb::handle logsumexp_SHT) {
  Door door;
  const auto q = door.reads<4>("q_STHE", q_STHE);
  const std::size_t S = q.shape(0), T = q.shape(1), H = q.shape(2), E = q.shape(3);
  const auto k = door.reads<4>("k_SUGE", k_SUGE, {S, kAny, kAny, E});
  const auto v = door.reads<4>("v_SUGF", v_SUGF, {S, k.shape(1), k.shape(2), kAny});
  const auto out = door.writes<4>("out_STHF", out_STHF, {S, T, H, v.shape(3)});
  const auto logsumexp = door.writes<3>("logsumexp_SHT", logsumexp_SHT, {S, H, T});
  const AttentionShape shape = shape_of(q, k, v);
  const AttentionArgs args{q.data(),   k.data(),         v.data(), rule_of(scale, window, soft_cap),
                           out.data(), logsumexp.data(), shape};
  Unlocked unlocked;
  GW_RUN(attention, args);
}

void continued_attention(nb::handle q_STHE, nb::handle k_STGE, nb::handle v_STGF, nb::handle position_1,
                         nb::handle scale, nb::handle window, nb::handle soft_cap, nb::handle keys_SCGE,
                         nb::handle values_SCGF, nb::handle out_STHF, nb::handle logsumexp_SHT) {
  Door door;
  const auto q = door.reads<4>("q_STHE", q_STHE);
  const std::size_t S = q.shape(0), T = q.shape(1), H = q.shape(2), E = q.shape(3);
  const auto k = door.reads<4>("k_STGE", k_STGE, {S, T, kAny, E});
  const auto v = door.reads<4>("v_STGF", v_STGF, {S, T, k.shape(2), kAny});
  const auto position = door.reads_ids("position_1", position_1, 1);
  const auto keys = door.writes<4>("keys_SCGE", keys_SCGE, {S, kAny, k.shape(2), E});
  const std::size_t room = keys.shape(1);
  const auto values = door.writes<4>("values_SCGF", values_SCGF, {S, room, k.shape(2), v.shape(3)});
  const auto out = door.writes<4>("out_STHF", out_STHF, {S, T, H, v.shape(3)});
  const auto logsumexp = door.writes<3>("logsumexp_SHT", logsumexp_SHT, {S, H, T});
  const AttentionShape shape = shape_of(q, k, v);
  const std::int64_t first = position.data()[0], last = static_cast<std::int64_t>(room) - static_cast<std::int64_t>(T);
  require(first >= 0 && first <= last, "position_1: expected " + std::to_string(T) + " positions within the " +
                                           std::to_string(room) + " of keys_SCGE, got " + std::to_string(T) + " from " +
                                           std::to_string(first));
  const AttentionArgs attention{q.data(),   k.data(),         v.data(), rule_of(scale, window, soft_cap),
                                out.data(), logsumexp.data(), shape};
  const ContinuedAttentionArgs args{attention, position.data(), keys.data(), values.data(), room};
  Unlocked unlocked;
  GW_RUN(continued_attention, args);
}

void attention_backward(nb::handle dout_STHF, nb::handle q_STHE, nb::handle k_STGE, nb::handle v_STGF,
                        nb::handle out_STHF, nb::handle logsumexp_SHT, nb::handle scale, nb::handle window,
                        nb::handle soft_cap, nb::handle dq_STHE, nb::handle dk_STGE, nb::handle dv_STGF) {
  Door door;
  const auto q = door.reads<4>("q_STHE", q_STHE);
  const std::size_t S = q.shape(0), T = q.shape(1), H = q.shape(2), E = q.shape(3);
  const auto k = door.reads<4>("k_STGE", k_STGE, {S, T, kAny, E});
  const std::size_t G = k.shape(2);
  const auto v = door.reads<4>("v_STGF", v_STGF, {S, T, G, kAny});
  const std::size_t F = v.shape(3);
  const auto dout = door.reads<4>("dout_STHF", dout_STHF, {S, T, H, F});
  const auto out = door.reads<4>("out_STHF", out_STHF, {S, T, H, F});
  const auto logsumexp = door.reads<3>("logsumexp_SHT", logsumexp_SHT, {S, H, T});
  const auto dq = door.writes<4>("dq_STHE", dq_STHE, {S, T, H, E});
  const auto dk = door.writes<4>("dk_STGE", dk_STGE, {S, T, G, E});
  const auto dv = door.writes<4>("dv_STGF", dv_STGF, {S, T, G, F});
  const AttentionShape shape = shape_of(q, k, v);
  const AttentionBackwardArgs args{
      dout.data(), q.data(),  k.data(),  v.data(), out.data(), logsumexp.data(), rule_of(scale, window, soft_cap),
      dq.data(),   dk.data(), dv.data(), shape};
  Unlocked unlocked;
  GW_RUN(attention_backward, args);
}

const Binding binding([](nb::module_& m) {
  m.def("attention", &attention, arg("q_STHE"), arg("k_SUGE"), arg("v_SUGF"), arg("scale"), arg("window"),
        arg("soft_cap"), arg("out_STHF"), arg("logsumexp_SHT"));
  m.def("continued_attention", &continued_attention, arg("q_STHE"), arg("k_STGE"), arg("v_STGF"), arg("position_1"),
        arg("scale"), arg("window"), arg("soft_cap"), arg("keys_SCGE"), arg("values_SCGF"), arg("out_STHF"),
        arg("logsumexp_SHT"));
  m.def("attention_backward", &attention_backward, arg("dout_STHF"), arg("q_STHE"), arg("k_STGE"), arg("v_STGF"),
        arg("out_STHF"), arg("logsumexp_SHT"), arg("scale"), arg("window"), arg("soft_cap"), arg("dq_STHE"),
        arg("dk_STGE"), arg("dv_STGF"));
});

}  // namespace
}  // namespace gw
