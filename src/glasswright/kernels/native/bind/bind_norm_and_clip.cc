#include "../norm_and_clip.h"

#include "arrays.h"

namespace gw {

static const Binding binding([](nb::module_& m) {
  m.def(
      "norm_and_clip",
      [](In<1> squares_P, double limit, Out<1> out_2) {
        require_shape("out_2", out_2, {2});
        const NormAndClipArgs args{squares_P.data(), require_exact("limit", limit), out_2.data(), squares_P.shape(0)};
        Unlocked unlocked;
        GW_RUN(norm_and_clip, args);
      },
      nb::arg("squares_P").noconvert(), nb::arg("limit"), nb::arg("out_2").noconvert());
});

}  // namespace gw
