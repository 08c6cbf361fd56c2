#include "../adamw.h"

#include "arrays.h"

namespace gw {

static void adamw(nb::handle param_N, nb::handle grad_N, nb::handle first_moment_N, nb::handle second_moment_N,
                  nb::handle clip, nb::handle learning_rate, nb::handle beta1, nb::handle beta2, nb::handle epsilon,
                  nb::handle weight_decay, nb::handle bias_correction1, nb::handle bias_correction2) {
  Door door;
  const auto param = door.writes_flat("param_N", param_N);
  const auto grad = door.reads_flat("grad_N", grad_N, param.size());
  const auto first_moment = door.writes_flat("first_moment_N", first_moment_N, param.size());
  const auto second_moment = door.writes_flat("second_moment_N", second_moment_N, param.size());
  const AdamwArgs args{param.data(),
                       grad.data(),
                       first_moment.data(),
                       second_moment.data(),
                       require_exact("clip", clip),
                       require_exact("learning_rate", learning_rate),
                       require_exact("beta1", beta1),
                       require_exact("beta2", beta2),
                       require_exact("epsilon", epsilon),
                       require_exact("weight_decay", weight_decay),
                       require_exact("bias_correction1", bias_correction1),
                       require_exact("bias_correction2", bias_correction2),
                       param.size()};
  Unlocked unlocked;
  GW_RUN(adamw, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("adamw", &adamw, arg("param_N"), arg("grad_N"), arg("first_moment_N"), arg("second_moment_N"), arg("clip"),
        arg("learning_rate"), arg("beta1"), arg("beta2"), arg("epsilon"), arg("weight_decay"), arg("bias_correction1"),
        arg("bias_correction2"));
});

}  // namespace gw
