#include "../muon.h"

#include "arrays.h"

namespace gw {
namespace {

template <bool kByIntegers>
void muon(nb::handle param_MN, nb::handle grad_MN, nb::handle momentum_MN, nb::handle clip, nb::handle learning_rate,
          nb::handle momentum_beta, nb::handle weight_decay) {
  Door door;
  const auto param = door.writes<2>("param_MN", param_MN, {kAny, kAny});
  const std::size_t rows = param.shape(0), columns = param.shape(1);
  const auto grad = door.reads<2>("grad_MN", grad_MN, {rows, columns});
  const auto momentum = door.writes<2>("momentum_MN", momentum_MN, {rows, columns});
  const MuonArgs args{param.data(),
                      grad.data(),
                      momentum.data(),
                      require_exact("clip", clip),
                      require_exact("learning_rate", learning_rate),
                      require_exact("momentum_beta", momentum_beta),
                      require_exact("weight_decay", weight_decay),
                      rows,
                      columns,
                      kByIntegers};
  Unlocked unlocked;
  GW_RUN(muon, args);
}

template <bool kByIntegers>
void define(nb::module_& m, const char* name) {
  m.def(name, &muon<kByIntegers>, arg("param_MN"), arg("grad_MN"), arg("momentum_MN"), arg("clip"),
        arg("learning_rate"), arg("momentum_beta"), arg("weight_decay"));
}

const Binding binding([](nb::module_& m) {
  define<false>(m, "muon");
  define<true>(m, "integer_muon");
});

}  // namespace
}  // namespace gw
