#include "../matmul.h"

#include "../integer_matmul.h"
#include "arrays.h"

namespace gw {
namespace {

using Kernel = void (*)(const MatmulArgs&);

void by_chains(const MatmulArgs& args) { GW_RUN(matmul, args); }
void by_integers(const MatmulArgs& args) { GW_RUN(integer_matmul, args); }

void run(Kernel kernel, const In<2>& a, const In<2>& b, const Out<2>& out, std::size_t num_k, Layout layout) {
  const MatmulArgs args{a.data(), b.data(), out.data(), out.shape(0), out.shape(1), num_k, layout};
  Unlocked unlocked;
  kernel(args);
}

template <Kernel kKernel>
void matmul_nn(nb::handle a_MK, nb::handle b_KN, nb::handle out_MN) {
  Door door;
  const auto a = door.reads<2>("a_MK", a_MK);
  const auto b = door.reads<2>("b_KN", b_KN, {a.shape(1), kAny});
  run(kKernel, a, b, door.writes<2>("out_MN", out_MN, {a.shape(0), b.shape(1)}), a.shape(1), Layout::nn);
}

template <Kernel kKernel>
void matmul_nt(nb::handle a_MK, nb::handle b_NK, nb::handle out_MN) {
  Door door;
  const auto a = door.reads<2>("a_MK", a_MK);
  const auto b = door.reads<2>("b_NK", b_NK, {kAny, a.shape(1)});
  run(kKernel, a, b, door.writes<2>("out_MN", out_MN, {a.shape(0), b.shape(0)}), a.shape(1), Layout::nt);
}

template <Kernel kKernel>
void matmul_tn(nb::handle a_KM, nb::handle b_KN, nb::handle out_MN) {
  Door door;
  const auto a = door.reads<2>("a_KM", a_KM);
  const auto b = door.reads<2>("b_KN", b_KN, {a.shape(0), kAny});
  run(kKernel, a, b, door.writes<2>("out_MN", out_MN, {a.shape(1), b.shape(1)}), a.shape(0), Layout::tn);
}

const Binding binding([](nb::module_& m) {
  m.def("matmul_nn", &matmul_nn<by_chains>, arg("a_MK"), arg("b_KN"), arg("out_MN"));
  m.def("matmul_nt", &matmul_nt<by_chains>, arg("a_MK"), arg("b_NK"), arg("out_MN"));
  m.def("matmul_tn", &matmul_tn<by_chains>, arg("a_KM"), arg("b_KN"), arg("out_MN"));
  m.def("integer_matmul_nn", &matmul_nn<by_integers>, arg("a_MK"), arg("b_KN"), arg("out_MN"));
  m.def("integer_matmul_nt", &matmul_nt<by_integers>, arg("a_MK"), arg("b_NK"), arg("out_MN"));
  m.def("integer_matmul_tn", &matmul_tn<by_integers>, arg("a_KM"), arg("b_KN"), arg("out_MN"));
});

}  // namespace
}  // namespace gw
