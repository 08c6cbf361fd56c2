#include "../maps.h"

#include "arrays.h"

namespace gw {

template <class Run>
void def_map(nb::module_& m, const char* name, Run run) {
  m.def(
      name,
      [run](AnyIn x_N, AnyOut out_N) {
        require_size("out_N", out_N, x_N.size());
        const MapArgs args{x_N.data(), out_N.data(), x_N.size()};
        Unlocked unlocked;
        run(args);
      },
      nb::arg("x_N").noconvert(), nb::arg("out_N").noconvert());
}

static const Binding binding([](nb::module_& m) {
  def_map(m, "exp", [](const MapArgs& args) { GW_RUN(map_exp, args); });
  def_map(m, "log", [](const MapArgs& args) { GW_RUN(map_log, args); });
  def_map(m, "sin", [](const MapArgs& args) { GW_RUN(map_sin, args); });
  def_map(m, "cos", [](const MapArgs& args) { GW_RUN(map_cos, args); });
  def_map(m, "sigmoid", [](const MapArgs& args) { GW_RUN(map_sigmoid, args); });
  def_map(m, "tanh", [](const MapArgs& args) { GW_RUN(map_tanh, args); });
});

}  // namespace gw
