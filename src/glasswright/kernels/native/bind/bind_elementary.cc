#include "../maps.h"

#include "arrays.h"

namespace gw {

template <class Run>
void def_map(nb::module_& m, const char* name, Run run) {
  m.def(
      name,
      [run](nb::handle x_N, nb::handle out_N) {
        Door door;
        const auto x = door.reads_flat("x_N", x_N);
        const auto out = door.writes_flat("out_N", out_N, x.size(), {"x_N"});
        const MapArgs args{x.data(), out.data(), x.size()};
        Unlocked unlocked;
        run(args);
      },
      arg("x_N"), arg("out_N"));
}

static const Binding binding([](nb::module_& m) {
  def_map(m, "exp", [](const MapArgs& args) { GW_RUN(map_exp, args); });
  def_map(m, "log", [](const MapArgs& args) { GW_RUN(map_log, args); });
  def_map(m, "sin", [](const MapArgs& args) { GW_RUN(map_sin, args); });
  def_map(m, "cos", [](const MapArgs& args) { GW_RUN(map_cos, args); });
  def_map(m, "sigmoid", [](const MapArgs& args) { GW_RUN(map_sigmoid, args); });
  def_map(m, "tanh", [](const MapArgs& args) { GW_RUN(map_tanh, args); });
  def_map(m, "erf", [](const MapArgs& args) { GW_RUN(map_erf, args); });
});

}  // namespace gw
