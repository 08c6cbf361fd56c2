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

const Binding binding([](nb::module_& m) {
  m.def(
      "attention",
      [](In<4> q_STHE, In<4> k_SUGE, In<4> v_SUGE, double scale, Out<4> out_STHE, Out<3> logsumexp_SHT) {
        const AttentionShape shape = shape_of(q_STHE, k_SUGE);
        const auto& [S, T, U, H, G, E] = shape;
        require_shape("k_SUGE", k_SUGE, {S, U, G, E});
        require_shape("v_SUGE", v_SUGE, {S, U, G, E});
        require_shape("out_STHE", out_STHE, {S, T, H, E});
        require_shape("logsumexp_SHT", logsumexp_SHT, {S, H, T});
        const AttentionArgs args{q_STHE.data(),   k_SUGE.data(),        v_SUGE.data(), require_exact("scale", scale),
                                 out_STHE.data(), logsumexp_SHT.data(), shape};
        Unlocked unlocked;
        GW_RUN(attention, args);
      },
      nb::arg("q_STHE").noconvert(), nb::arg("k_SUGE").noconvert(), nb::arg("v_SUGE").noconvert(), nb::arg("scale"),
      nb::arg("out_STHE").noconvert(), nb::arg("logsumexp_SHT").noconvert());

  m.def(
      "attention_backward",
      [](In<4> dout_STHE, In<4> q_STHE, In<4> k_STGE, In<4> v_STGE, In<4> out_STHE, In<3> logsumexp_SHT, double scale,
         Out<4> dq_STHE, Out<4> dk_STGE, Out<4> dv_STGE) {
        const AttentionShape shape = shape_of(q_STHE, k_STGE);
        const auto& [S, T, U, H, G, E] = shape;
        require_shape("dout_STHE", dout_STHE, {S, T, H, E});
        require_shape("k_STGE", k_STGE, {S, T, G, E});
        require_shape("v_STGE", v_STGE, {S, T, G, E});
        require_shape("out_STHE", out_STHE, {S, T, H, E});
        require_shape("logsumexp_SHT", logsumexp_SHT, {S, H, T});
        require_shape("dq_STHE", dq_STHE, {S, T, H, E});
        require_shape("dk_STGE", dk_STGE, {S, T, G, E});
        require_shape("dv_STGE", dv_STGE, {S, T, G, E});
        const AttentionBackwardArgs args{dout_STHE.data(),
                                         q_STHE.data(),
                                         k_STGE.data(),
                                         v_STGE.data(),
                                         out_STHE.data(),
                                         logsumexp_SHT.data(),
                                         require_exact("scale", scale),
                                         dq_STHE.data(),
                                         dk_STGE.data(),
                                         dv_STGE.data(),
                                         shape};
        Unlocked unlocked;
        GW_RUN(attention_backward, args);
      },
      nb::arg("dout_STHE").noconvert(), nb::arg("q_STHE").noconvert(), nb::arg("k_STGE").noconvert(),
      nb::arg("v_STGE").noconvert(), nb::arg("out_STHE").noconvert(), nb::arg("logsumexp_SHT").noconvert(),
      nb::arg("scale"), nb::arg("dq_STHE").noconvert(), nb::arg("dk_STGE").noconvert(), nb::arg("dv_STGE").noconvert());
});

}  // namespace
}  // namespace gw
