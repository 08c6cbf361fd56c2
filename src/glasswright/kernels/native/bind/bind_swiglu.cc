#include "../swiglu.h"

#include "arrays.h"

namespace gw {

static void swiglu(nb::handle gate_RF, nb::handle up_RF, nb::handle out_RF) {
  Door door;
  const auto gate = door.reads<2>("gate_RF", gate_RF);
  const std::size_t rows = gate.shape(0), width = gate.shape(1);
  const auto up = door.reads<2>("up_RF", up_RF, {rows, width});
  const auto out = door.writes<2>("out_RF", out_RF, {rows, width});
  const SwigluArgs args{gate.data(), up.data(), out.data(), rows * width};
  Unlocked unlocked;
  GW_RUN(swiglu, args);
}

static void swiglu_backward(nb::handle dout_RF, nb::handle gate_RF, nb::handle up_RF, nb::handle dgate_RF,
                            nb::handle dup_RF) {
  Door door;
  const auto dout = door.reads<2>("dout_RF", dout_RF);
  const std::size_t rows = dout.shape(0), width = dout.shape(1);
  const auto gate = door.reads<2>("gate_RF", gate_RF, {rows, width});
  const auto up = door.reads<2>("up_RF", up_RF, {rows, width});
  const auto dgate = door.writes<2>("dgate_RF", dgate_RF, {rows, width}, {"dout_RF", "gate_RF", "up_RF"});
  const auto dup = door.writes<2>("dup_RF", dup_RF, {rows, width}, {"dout_RF", "gate_RF", "up_RF"});
  const SwigluBackwardArgs args{dout.data(), gate.data(), up.data(), dgate.data(), dup.data(), rows * width};
  Unlocked unlocked;
  GW_RUN(swiglu_backward, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("swiglu", &swiglu, arg("gate_RF"), arg("up_RF"), arg("out_RF"));
  m.def("swiglu_backward", &swiglu_backward, arg("dout_RF"), arg("gate_RF"), arg("up_RF"), arg("dgate_RF"),
        arg("dup_RF"));
});

}  // namespace gw
