#include "../gelu.h"

#include "arrays.h"

namespace gw {

// The four forms of one curve, by its names alone and with a gate.
template <class Run, class RunBackward>
static void def_curve(nb::module_& m, const char* alone, const char* alone_backward, const char* gated,
                      const char* gated_backward, Run run, RunBackward run_backward) {
  m.def(
      alone,
      [run](nb::handle x_RF, nb::handle out_RF) {
        Door door;
        const auto x = door.reads<2>("x_RF", x_RF);
        const std::size_t rows = x.shape(0), width = x.shape(1);
        const auto out = door.writes<2>("out_RF", out_RF, {rows, width});
        const GeluArgs args{x.data(), nullptr, out.data(), rows * width};
        Unlocked unlocked;
        run(args);
      },
      arg("x_RF"), arg("out_RF"));
  m.def(
      alone_backward,
      [run_backward](nb::handle dout_RF, nb::handle x_RF, nb::handle dx_RF) {
        Door door;
        const auto dout = door.reads<2>("dout_RF", dout_RF);
        const std::size_t rows = dout.shape(0), width = dout.shape(1);
        const auto x = door.reads<2>("x_RF", x_RF, {rows, width});
        const auto dx = door.writes<2>("dx_RF", dx_RF, {rows, width}, {"dout_RF", "x_RF"});
        const GeluBackwardArgs args{dout.data(), x.data(), nullptr, dx.data(), nullptr, rows * width};
        Unlocked unlocked;
        run_backward(args);
      },
      arg("dout_RF"), arg("x_RF"), arg("dx_RF"));
  m.def(
      gated,
      [run](nb::handle gate_RF, nb::handle up_RF, nb::handle out_RF) {
        Door door;
        const auto gate = door.reads<2>("gate_RF", gate_RF);
        const std::size_t rows = gate.shape(0), width = gate.shape(1);
        const auto up = door.reads<2>("up_RF", up_RF, {rows, width});
        const auto out = door.writes<2>("out_RF", out_RF, {rows, width});
        const GeluArgs args{gate.data(), up.data(), out.data(), rows * width};
        Unlocked unlocked;
        run(args);
      },
      arg("gate_RF"), arg("up_RF"), arg("out_RF"));
  m.def(
      gated_backward,
      [run_backward](nb::handle dout_RF, nb::handle gate_RF, nb::handle up_RF, nb::handle dgate_RF, nb::handle dup_RF) {
        Door door;
        const auto dout = door.reads<2>("dout_RF", dout_RF);
        const std::size_t rows = dout.shape(0), width = dout.shape(1);
        const auto gate = door.reads<2>("gate_RF", gate_RF, {rows, width});
        const auto up = door.reads<2>("up_RF", up_RF, {rows, width});
        const auto dgate = door.writes<2>("dgate_RF", dgate_RF, {rows, width}, {"dout_RF", "gate_RF", "up_RF"});
        const auto dup = door.writes<2>("dup_RF", dup_RF, {rows, width}, {"dout_RF", "gate_RF", "up_RF"});
        const GeluBackwardArgs args{dout.data(), gate.data(), up.data(), dgate.data(), dup.data(), rows * width};
        Unlocked unlocked;
        run_backward(args);
      },
      arg("dout_RF"), arg("gate_RF"), arg("up_RF"), arg("dgate_RF"), arg("dup_RF"));
}

static const Binding binding([](nb::module_& m) {
  def_curve(
      m, "gelu", "gelu_backward", "geglu", "geglu_backward", [](const GeluArgs& args) { GW_RUN(gelu, args); },
      [](const GeluBackwardArgs& args) { GW_RUN(gelu_backward, args); });
  def_curve(
      m, "gelu_tanh", "gelu_tanh_backward", "geglu_tanh", "geglu_tanh_backward",
      [](const GeluArgs& args) { GW_RUN(gelu_tanh, args); },
      [](const GeluBackwardArgs& args) { GW_RUN(gelu_tanh_backward, args); });
});

}  // namespace gw
