#include "../bias.h"

#include "arrays.h"

namespace gw {

static void add_bias(nb::handle x_RN, nb::handle bias_N, nb::handle out_RN) {
  Door door;
  const auto x = door.reads<2>("x_RN", x_RN);
  const std::size_t rows = x.shape(0), width = x.shape(1);
  const auto bias = door.reads<1>("bias_N", bias_N, {width});
  const auto out = door.writes<2>("out_RN", out_RN, {rows, width}, {"x_RN"});
  const AddBiasArgs args{x.data(), bias.data(), out.data(), rows, width};
  Unlocked unlocked;
  GW_RUN(add_bias, args);
}

static void bias_gradient(nb::handle dout_RN, nb::handle dbias_N) {
  Door door;
  const auto dout = door.reads<2>("dout_RN", dout_RN);
  const std::size_t rows = dout.shape(0), width = dout.shape(1);
  const auto dbias = door.writes<1>("dbias_N", dbias_N, {width});
  const BiasGradientArgs args{dout.data(), dbias.data(), rows, width};
  Unlocked unlocked;
  GW_RUN(bias_gradient, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("add_bias", &add_bias, arg("x_RN"), arg("bias_N"), arg("out_RN"));
  m.def("bias_gradient", &bias_gradient, arg("dout_RN"), arg("dbias_N"));
});

}  // namespace gw
