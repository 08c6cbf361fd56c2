#include "../scale.h"

#include "arrays.h"

namespace gw {

static void scale(nb::handle x_N, nb::handle factor, nb::handle out_N) {
  Door door;
  const auto x = door.reads_flat("x_N", x_N);
  const auto out = door.writes_flat("out_N", out_N, x.size(), {"x_N"});
  const ScaleArgs args{x.data(), require_exact("factor", factor), out.data(), x.size()};
  Unlocked unlocked;
  GW_RUN(scale, args);
}

static const Binding binding([](nb::module_& m) { m.def("scale", &scale, arg("x_N"), arg("factor"), arg("out_N")); });

}  // namespace gw
