#include "../soft_cap.h"

#include "arrays.h"

namespace gw {

static void soft_cap(nb::handle x_N, nb::handle cap, nb::handle out_N) {
  Door door;
  const auto x = door.reads_flat("x_N", x_N);
  const auto out = door.writes_flat("out_N", out_N, x.size(), {"x_N"});
  const SoftCapArgs args{x.data(), require_exact("cap", cap), out.data(), x.size()};
  Unlocked unlocked;
  GW_RUN(soft_cap, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("soft_cap", &soft_cap, arg("x_N"), arg("cap"), arg("out_N"));
});

}  // namespace gw
