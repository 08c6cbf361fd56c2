#include "../adamw.h"

#include "arrays.h"

namespace gw {

static void adamw(AnyOut param_N, AnyIn grad_N, AnyOut first_moment_N, AnyOut second_moment_N, double clip,
                  double learning_rate, double beta1, double beta2, double epsilon, double weight_decay,
                  double bias_correction1, double bias_correction2) {
  require_size("grad_N", grad_N, param_N.size());
  require_size("first_moment_N", first_moment_N, param_N.size());
  require_size("second_moment_N", second_moment_N, param_N.size());
  const AdamwArgs args{param_N.data(),
                       grad_N.data(),
                       first_moment_N.data(),
                       second_moment_N.data(),
                       require_exact("clip", clip),
                       require_exact("learning_rate", learning_rate),
                       require_exact("beta1", beta1),
                       require_exact("beta2", beta2),
                       require_exact("epsilon", epsilon),
                       require_exact("weight_decay", weight_decay),
                       require_exact("bias_correction1", bias_correction1),
                       require_exact("bias_correction2", bias_correction2),
                       param_N.size()};
  Unlocked unlocked;
  GW_RUN(adamw, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("adamw", &adamw, nb::arg("param_N").noconvert(), nb::arg("grad_N").noconvert(),
        nb::arg("first_moment_N").noconvert(), nb::arg("second_moment_N").noconvert(), nb::arg("clip"),
        nb::arg("learning_rate"), nb::arg("beta1"), nb::arg("beta2"), nb::arg("epsilon"), nb::arg("weight_decay"),
        nb::arg("bias_correction1"), nb::arg("bias_correction2"));
});

}  // namespace gw
