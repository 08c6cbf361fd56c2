#include "../attention.h"

#include "arrays.h"

namespace gw {
namespace {

// The shape that q and k agree on.
AttentionShape shape_of(const In<4>& q, const In<4>& k) {
  const AttentionShape shape{q.shape(0), q.shape(1), k.shape(1), q.shape(2), k.shape(2), q.shape(3)};
  const auto& [S, T, U, H, G, E] = shape;
  require(G > 0 && H % G == 0,
          "k: expected a number of heads that divides the " + std::to_string(H) + " of q, got " + std::to_string(G));
  require(U >= T, "k: expected at least the " + std::to_string(T) + " positions of q, got " + std::to_string(U));
  require(E > 0, "q: expected a head dimension of at least 1, got 0");
  return shape;
}

void attention(nb::handle q_STHE, nb::handle k_SUGE, nb::handle v_SUGE, nb::handle scale, nb::handle out_STHE,
               nb::handle logsumexp_SHT) {
  Door door;
  const auto q = door.reads<4>("q_STHE", q_STHE);
  const std::size_t S = q.shape(0), T = q.shape(1), H = q.shape(2), E = q.shape(3);
  const auto k = door.reads<4>("k_SUGE", k_SUGE, {S, kAny, kAny, E});
  const auto v = door.reads<4>("v_SUGE", v_SUGE, {S, k.shape(1), k.shape(2), E});
  const auto out = door.writes<4>("out_STHE", out_STHE, {S, T, H, E});
  const auto logsumexp = door.writes<3>("logsumexp_SHT", logsumexp_SHT, {S, H, T});
  const AttentionShape shape = shape_of(q, k);
  const AttentionArgs args{q.data(),   k.data(),         v.data(), require_exact("scale", scale),
                           out.data(), logsumexp.data(), shape};
  Unlocked unlocked;
  GW_RUN(attention, args);
}

void attention_backward(nb::handle dout_STHE, nb::handle q_STHE, nb::handle k_STGE, nb::handle v_STGE,
                        nb::handle out_STHE, nb::handle logsumexp_SHT, nb::handle scale, nb::handle dq_STHE,
                        nb::handle dk_STGE, nb::handle dv_STGE) {
  Door door;
  const auto q = door.reads<4>("q_STHE", q_STHE);
  const std::size_t S = q.shape(0), T = q.shape(1), H = q.shape(2), E = q.shape(3);
  const auto k = door.reads<4>("k_STGE", k_STGE, {S, T, kAny, E});
  const std::size_t G = k.shape(2);
  const auto v = door.reads<4>("v_STGE", v_STGE, {S, T, G, E});
  const auto dout = door.reads<4>("dout_STHE", dout_STHE, {S, T, H, E});
  const auto out = door.reads<4>("out_STHE", out_STHE, {S, T, H, E});
  const auto logsumexp = door.reads<3>("logsumexp_SHT", logsumexp_SHT, {S, H, T});
  const auto dq = door.writes<4>("dq_STHE", dq_STHE, {S, T, H, E});
  const auto dk = door.writes<4>("dk_STGE", dk_STGE, {S, T, G, E});
  const auto dv = door.writes<4>("dv_STGE", dv_STGE, {S, T, G, E});
  const AttentionShape shape = shape_of(q, k);
  const AttentionBackwardArgs args{
      dout.data(), q.data(),  k.data(),  v.data(), out.data(), logsumexp.data(), require_exact("scale", scale),
      dq.data(),   dk.data(), dv.data(), shape};
  Unlocked unlocked;
  GW_RUN(attention_backward, args);
}

const Binding binding([](nb::module_& m) {
  m.def("attention", &attention, arg("q_STHE"), arg("k_SUGE"), arg("v_SUGE"), arg("scale"), arg("out_STHE"),
        arg("logsumexp_SHT"));
  m.def("attention_backward", &attention_backward, arg("dout_STHE"), arg("q_STHE"), arg("k_STGE"), arg("v_STGE"),
        arg("out_STHE"), arg("logsumexp_SHT"), arg("scale"), arg("dq_STHE"), arg("dk_STGE"), arg("dv_STGE"));
});

}  // namespace
}  // namespace gw
