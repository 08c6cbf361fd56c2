#include "../scale.h"

#include "arrays.h"

namespace gw {

static const Binding binding([](nb::module_& m) {
  m.def(
      "scale",
      [](AnyIn x_N, double factor, AnyOut out_N) {
        require_size("out_N", out_N, x_N.size());
        const ScaleArgs args{x_N.data(), require_exact("factor", factor), out_N.data(), x_N.size()};
        Unlocked unlocked;
        GW_RUN(scale, args);
      },
      nb::arg("x_N").noconvert(), nb::arg("factor"), nb::arg("out_N").noconvert());
});

}  // namespace gw
