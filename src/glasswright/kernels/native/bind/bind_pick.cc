#include "../pick.h"

#include "arrays.h"

namespace gw {

static std::size_t pick(nb::handle logits_V, nb::handle temperature, nb::handle fraction) {
  Door door;
  const auto logits = door.reads<1>("logits_V", logits_V);
  const float heat = require_exact("temperature", temperature), part = require_exact("fraction", fraction);
  require(logits.shape(0) > 0, "logits_V: expected at least one logit, got none");
  require(heat >= 0 && part >= 0 && part < 1, "expected temperature >= 0 and 0 <= fraction < 1, got " +
                                                  std::to_string(heat) + " and " + std::to_string(part));
  std::size_t token = 0;
  const PickArgs args{logits.data(), heat, part, &token, logits.shape(0)};
  Unlocked unlocked;
  GW_ANSWER(pick, args);
  return token;
}

static const Binding binding([](nb::module_& m) {
  m.def("pick", &pick, arg("logits_V"), arg("temperature"), arg("fraction"));
});

}  // namespace gw
