#include "../pick.h"

#include "arrays.h"

namespace gw {

static std::size_t pick(In<1> logits_V, double temperature, double fraction) {
  require(logits_V.shape(0) > 0, "logits_V: expected at least one logit, got none");
  require(temperature >= 0 && fraction >= 0 && fraction < 1, "expected temperature >= 0 and 0 <= fraction < 1, got " +
                                                                 std::to_string(temperature) + " and " +
                                                                 std::to_string(fraction));
  std::size_t token = 0;
  const PickArgs args{logits_V.data(), require_exact("temperature", temperature), require_exact("fraction", fraction),
                      &token, logits_V.shape(0)};
  {
    Unlocked unlocked;
    GW_RUN(pick, args);
  }
  return token;
}

static const Binding binding([](nb::module_& m) {
  m.def("pick", &pick, nb::arg("logits_V").noconvert(), nb::arg("temperature"), nb::arg("fraction"));
});

}  // namespace gw
