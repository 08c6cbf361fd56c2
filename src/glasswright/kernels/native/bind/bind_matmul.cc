#include "../matmul.h"

#include "arrays.h"

namespace gw {
namespace {

using Matrix = In<2>;

void run(Matrix a, Matrix b, Out<2> out, std::size_t num_k, Layout layout) {
  const MatmulArgs args{a.data(), b.data(), out.data(), out.shape(0), out.shape(1), num_k, layout};
  Unlocked unlocked;
  GW_RUN(matmul, args);
}

const Binding binding([](nb::module_& m) {
  m.def(
      "matmul_nn",
      [](Matrix a, Matrix b, Out<2> out) {
        require_shape("b_KN", b, {a.shape(1), b.shape(1)});
        require_shape("out_MN", out, {a.shape(0), b.shape(1)});
        run(a, b, out, a.shape(1), Layout::nn);
      },
      nb::arg("a_MK").noconvert(), nb::arg("b_KN").noconvert(), nb::arg("out_MN").noconvert());
  m.def(
      "matmul_nt",
      [](Matrix a, Matrix b, Out<2> out) {
        require_shape("b_NK", b, {b.shape(0), a.shape(1)});
        require_shape("out_MN", out, {a.shape(0), b.shape(0)});
        run(a, b, out, a.shape(1), Layout::nt);
      },
      nb::arg("a_MK").noconvert(), nb::arg("b_NK").noconvert(), nb::arg("out_MN").noconvert());
  m.def(
      "matmul_tn",
      [](Matrix a, Matrix b, Out<2> out) {
        require_shape("b_KN", b, {a.shape(0), b.shape(1)});
        require_shape("out_MN", out, {a.shape(1), b.shape(1)});
        run(a, b, out, a.shape(0), Layout::tn);
      },
      nb::arg("a_KM").noconvert(), nb::arg("b_KN").noconvert(), nb::arg("out_MN").noconvert());
});

}  // namespace
}  // namespace gw
