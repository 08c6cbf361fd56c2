#include "../matmul.h"

#include <string>

#include "../integer_matmul.h"
#include "arrays.h"

namespace gw {
namespace {

using Kernel = void (*)(const MatmulArgs&);

void by_chains(const MatmulArgs& args) { GW_RUN(matmul, args); }
void by_integers(const MatmulArgs& args) { GW_RUN(integer_matmul, args); }
void by_bytes(const MatmulArgs& args) { GW_RUN(byte_matmul, args); }

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

template <Kernel kKernel>
void define(nb::module_& m, const std::string& name) {
  m.def((name + "_nn").c_str(), &matmul_nn<kKernel>, arg("a_MK"), arg("b_KN"), arg("out_MN"));
  m.def((name + "_nt").c_str(), &matmul_nt<kKernel>, arg("a_MK"), arg("b_NK"), arg("out_MN"));
  m.def((name + "_tn").c_str(), &matmul_tn<kKernel>, arg("a_KM"), arg("b_KN"), arg("out_MN"));
}

const Binding binding([](nb::module_& m) {
  define<by_chains>(m, "matmul");
  define<by_integers>(m, "integer_matmul");
  define<by_bytes>(m, "byte_matmul");
});

}  // namespace
}  // namespace gw
