#include "../swiglu.h"

#include "arrays.h"

namespace gw {

static void swiglu(In<2> gate_RF, In<2> up_RF, Out<2> out_RF) {
  const std::size_t rows = gate_RF.shape(0), width = gate_RF.shape(1);
  require_shape("up_RF", up_RF, {rows, width});
  require_shape("out_RF", out_RF, {rows, width});
  const SwigluArgs args{gate_RF.data(), up_RF.data(), out_RF.data(), rows * width};
  Unlocked unlocked;
  GW_RUN(swiglu, args);
}

static void swiglu_backward(In<2> dout_RF, In<2> gate_RF, In<2> up_RF, Out<2> dgate_RF, Out<2> dup_RF) {
  const std::size_t rows = dout_RF.shape(0), width = dout_RF.shape(1);
  require_shape("gate_RF", gate_RF, {rows, width});
  require_shape("up_RF", up_RF, {rows, width});
  require_shape("dgate_RF", dgate_RF, {rows, width});
  require_shape("dup_RF", dup_RF, {rows, width});
  const SwigluBackwardArgs args{dout_RF.data(),  gate_RF.data(), up_RF.data(),
                                dgate_RF.data(), dup_RF.data(),  rows * width};
  Unlocked unlocked;
  GW_RUN(swiglu_backward, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("swiglu", &swiglu, nb::arg("gate_RF").noconvert(), nb::arg("up_RF").noconvert(), nb::arg("out_RF").noconvert());
  m.def("swiglu_backward", &swiglu_backward, nb::arg("dout_RF").noconvert(), nb::arg("gate_RF").noconvert(),
        nb::arg("up_RF").noconvert(), nb::arg("dgate_RF").noconvert(), nb::arg("dup_RF").noconvert());
});

}  // namespace gw
