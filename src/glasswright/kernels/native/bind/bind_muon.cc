#include "../muon.h"

#include "arrays.h"

namespace gw {

static const Binding binding([](nb::module_& m) {
  m.def(
      "muon",
      [](Out<2> param, In<2> grad, Out<2> momentum, double clip, double learning_rate, double momentum_beta,
         double weight_decay) {
        require_shape("grad_MN", grad, {param.shape(0), param.shape(1)});
        require_shape("momentum_MN", momentum, {param.shape(0), param.shape(1)});
        const MuonArgs args{param.data(),
                            grad.data(),
                            momentum.data(),
                            require_exact("clip", clip),
                            require_exact("learning_rate", learning_rate),
                            require_exact("momentum_beta", momentum_beta),
                            require_exact("weight_decay", weight_decay),
                            param.shape(0),
                            param.shape(1)};
        Unlocked unlocked;
        GW_RUN(muon, args);
      },
      nb::arg("param_MN").noconvert(), nb::arg("grad_MN").noconvert(), nb::arg("momentum_MN").noconvert(),
      nb::arg("clip"), nb::arg("learning_rate"), nb::arg("momentum_beta"), nb::arg("weight_decay"));
});

}  // namespace gw
