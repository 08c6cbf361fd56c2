#include "../attention.h"

#include "arrays.h"

namespace gw {
namespace {

std::string text(std::initializer_list<std::size_t> axes) {
  std::string joined;
  for (std::size_t n : axes) joined += (joined.empty() ? "(" : ", ") + std::to_string(n);
  return joined + ")";
}

template <class Array>
void require_shape(const char* name, const Array& array, std::initializer_list<std::size_t> expected) {
  std::string found;
  bool ok = array.ndim() == expected.size();
  for (std::size_t i = 0; i < array.ndim(); ++i) {
    found += (i == 0 ? "(" : ", ") + std::to_string(array.shape(i));
    ok = ok && array.shape(i) == expected.begin()[i];
  }
  require(ok, std::string(name) + ": expected shape " + text(expected) + ", found " + found + ")");
}

// The shape that q and k agree on.
AttentionShape shape_of(const In<4>& q, const In<4>& k) {
  const AttentionShape shape{q.shape(0), q.shape(1), k.shape(1), q.shape(2), k.shape(2), q.shape(3)};
  require(shape.G > 0 && shape.H % shape.G == 0, "k: expected a number of heads that divides the " +
                                                     std::to_string(shape.H) + " of q, found " + std::to_string(shape.G));
  require(shape.U >= shape.T, "k: expected at least the " + std::to_string(shape.T) + " positions of q, found " +
                                  std::to_string(shape.U));
  require(shape.E > 0, "q: expected a head dimension of at least 1, found 0");
  return shape;
}

const Binding binding([](nb::module_& m) {
  m.def(
      "attention",
      [](In<4> q, In<4> k, In<4> v, float scale, Out<4> out, Out<3> logsumexp) {
        const AttentionShape shape = shape_of(q, k);
        const auto& [S, T, U, H, G, E] = shape;
        require_shape("k", k, {S, U, G, E});
        require_shape("v", v, {S, U, G, E});
        require_shape("out", out, {S, T, H, E});
        require_shape("logsumexp", logsumexp, {S, H, T});
        const AttentionArgs args{q.data(), k.data(), v.data(), scale, out.data(), logsumexp.data(), shape};
        Unlocked unlocked;
        GW_RUN(attention, args);
      },
      nb::arg("q").noconvert(), nb::arg("k").noconvert(), nb::arg("v").noconvert(), nb::arg("scale"),
      nb::arg("out").noconvert(), nb::arg("logsumexp").noconvert());

  m.def(
      "attention_backward",
      [](In<4> dout, In<4> q, In<4> k, In<4> v, In<4> out, In<3> logsumexp, float scale, Out<4> dq, Out<4> dk,
         Out<4> dv) {
        const AttentionShape shape = shape_of(q, k);
        const auto& [S, T, U, H, G, E] = shape;
        require_shape("dout", dout, {S, T, H, E});
        require_shape("k", k, {S, T, G, E});
        require_shape("v", v, {S, T, G, E});
        require_shape("out", out, {S, T, H, E});
        require_shape("logsumexp", logsumexp, {S, H, T});
        require_shape("dq", dq, {S, T, H, E});
        require_shape("dk", dk, {S, T, G, E});
        require_shape("dv", dv, {S, T, G, E});
        const AttentionBackwardArgs args{dout.data(),      q.data(), k.data(),  v.data(),  out.data(),
                                         logsumexp.data(), scale,    dq.data(), dk.data(), dv.data(), shape};
        Unlocked unlocked;
        GW_RUN(attention_backward, args);
      },
      nb::arg("dout").noconvert(), nb::arg("q").noconvert(), nb::arg("k").noconvert(), nb::arg("v").noconvert(),
      nb::arg("out").noconvert(), nb::arg("logsumexp").noconvert(), nb::arg("scale"), nb::arg("dq").noconvert(),
      nb::arg("dk").noconvert(), nb::arg("dv").noconvert());
});

}  // namespace
}  // namespace gw
