#include "../norm_and_clip.h"

#include "arrays.h"

namespace gw {

static void norm_and_clip(nb::handle squares_P, nb::handle limit, nb::handle out_2) {
  Door door;
  const auto squares = door.reads<1>("squares_P", squares_P);
  const auto out = door.writes<1>("out_2", out_2, {2});
  const NormAndClipArgs args{squares.data(), require_exact("limit", limit), out.data(), squares.shape(0)};
  Unlocked unlocked;
  GW_RUN(norm_and_clip, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("norm_and_clip", &norm_and_clip, arg("squares_P"), arg("limit"), arg("out_2"));
});

}  // namespace gw
