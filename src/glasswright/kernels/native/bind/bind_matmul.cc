#include "../matmul.h"

#include "arrays.h"

namespace gw {
namespace {

using Matrix = In<2>;

std::string shape(std::size_t rows, std::size_t columns) {
  std::string text = "(";
  return text.append(std::to_string(rows)).append(", ").append(std::to_string(columns)).append(")");
}

template <Layout layout>
void run(Matrix a, Matrix b, Out<2> out) {
  const std::size_t num_m = a.shape(layout == Layout::tn ? 1 : 0), num_k = a.shape(layout == Layout::tn ? 0 : 1);
  const std::size_t num_n = b.shape(layout == Layout::nt ? 0 : 1), b_num_k = b.shape(layout == Layout::nt ? 1 : 0);
  require(b_num_k == num_k, "b: expected " + std::to_string(num_k) + " terms a sum, as in a of shape " +
                                shape(a.shape(0), a.shape(1)) + ", found shape " + shape(b.shape(0), b.shape(1)));
  require(out.shape(0) == num_m && out.shape(1) == num_n,
          "out: expected shape " + shape(num_m, num_n) + ", found " + shape(out.shape(0), out.shape(1)));
  const MatmulArgs args{a.data(), b.data(), out.data(), num_m, num_n, num_k, layout};
  Unlocked unlocked;
  GW_RUN(matmul, args);
}

const Binding binding([](nb::module_& m) {
  const auto a = [] { return nb::arg("a").noconvert(); };
  const auto b = [] { return nb::arg("b").noconvert(); };
  const auto out = [] { return nb::arg("out").noconvert(); };
  m.def("matmul_nt", &run<Layout::nt>, a(), b(), out());
  m.def("matmul_nn", &run<Layout::nn>, a(), b(), out());
  m.def("matmul_tn", &run<Layout::tn>, a(), b(), out());
});

}  // namespace
}  // namespace gw
