#include "../rmsnorm.h"

#include "arrays.h"

namespace gw {

static void rmsnorm(In<2> x_RD, In<1> gain_D, double epsilon, Out<2> out_RD, Out<1> rstd_R) {
  const std::size_t rows = x_RD.shape(0), width = x_RD.shape(1);
  require_shape("gain_D", gain_D, {width});
  require_shape("out_RD", out_RD, {rows, width});
  require_shape("rstd_R", rstd_R, {rows});
  const RmsnormArgs args{x_RD.data(), nullptr,       gain_D.data(), require_exact("epsilon", epsilon),
                         nullptr,     out_RD.data(), rstd_R.data(), rows,
                         width};
  Unlocked unlocked;
  GW_RUN(rmsnorm, args);
}

static void add_rmsnorm(In<2> x_RD, In<2> delta_RD, In<1> gain_D, double epsilon, Out<2> sum_RD, Out<2> out_RD,
                        Out<1> rstd_R) {
  const std::size_t rows = x_RD.shape(0), width = x_RD.shape(1);
  require_shape("delta_RD", delta_RD, {rows, width});
  require_shape("gain_D", gain_D, {width});
  require_shape("sum_RD", sum_RD, {rows, width});
  require_shape("out_RD", out_RD, {rows, width});
  require_shape("rstd_R", rstd_R, {rows});
  const RmsnormArgs args{x_RD.data(),   delta_RD.data(), gain_D.data(), require_exact("epsilon", epsilon),
                         sum_RD.data(), out_RD.data(),   rstd_R.data(), rows,
                         width};
  Unlocked unlocked;
  GW_RUN(rmsnorm, args);
}

static void rmsnorm_backward(In<2> dout_RD, In<2> x_RD, In<1> gain_D, In<1> rstd_R, Out<2> dx_RD, Out<1> dgain_D) {
  const std::size_t rows = dout_RD.shape(0), width = dout_RD.shape(1);
  require_shape("x_RD", x_RD, {rows, width});
  require_shape("gain_D", gain_D, {width});
  require_shape("rstd_R", rstd_R, {rows});
  require_shape("dx_RD", dx_RD, {rows, width});
  require_shape("dgain_D", dgain_D, {width});
  const RmsnormBackwardArgs args{nullptr,      dout_RD.data(), x_RD.data(), gain_D.data(), rstd_R.data(),
                                 dx_RD.data(), dgain_D.data(), rows,        width};
  Unlocked unlocked;
  GW_RUN(rmsnorm_backward, args);
}

static void add_rmsnorm_backward(In<2> dsum_RD, In<2> dout_RD, In<2> sum_RD, In<1> gain_D, In<1> rstd_R, Out<2> dx_RD,
                                 Out<1> dgain_D) {
  const std::size_t rows = dout_RD.shape(0), width = dout_RD.shape(1);
  require_shape("dsum_RD", dsum_RD, {rows, width});
  require_shape("sum_RD", sum_RD, {rows, width});
  require_shape("gain_D", gain_D, {width});
  require_shape("rstd_R", rstd_R, {rows});
  require_shape("dx_RD", dx_RD, {rows, width});
  require_shape("dgain_D", dgain_D, {width});
  const RmsnormBackwardArgs args{dsum_RD.data(), dout_RD.data(), sum_RD.data(), gain_D.data(), rstd_R.data(),
                                 dx_RD.data(),   dgain_D.data(), rows,          width};
  Unlocked unlocked;
  GW_RUN(rmsnorm_backward, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("rmsnorm", &rmsnorm, nb::arg("x_RD").noconvert(), nb::arg("gain_D").noconvert(), nb::arg("epsilon"),
        nb::arg("out_RD").noconvert(), nb::arg("rstd_R").noconvert());
  m.def("add_rmsnorm", &add_rmsnorm, nb::arg("x_RD").noconvert(), nb::arg("delta_RD").noconvert(),
        nb::arg("gain_D").noconvert(), nb::arg("epsilon"), nb::arg("sum_RD").noconvert(), nb::arg("out_RD").noconvert(),
        nb::arg("rstd_R").noconvert());
  m.def("rmsnorm_backward", &rmsnorm_backward, nb::arg("dout_RD").noconvert(), nb::arg("x_RD").noconvert(),
        nb::arg("gain_D").noconvert(), nb::arg("rstd_R").noconvert(), nb::arg("dx_RD").noconvert(),
        nb::arg("dgain_D").noconvert());
  m.def("add_rmsnorm_backward", &add_rmsnorm_backward, nb::arg("dsum_RD").noconvert(), nb::arg("dout_RD").noconvert(),
        nb::arg("sum_RD").noconvert(), nb::arg("gain_D").noconvert(), nb::arg("rstd_R").noconvert(),
        nb::arg("dx_RD").noconvert(), nb::arg("dgain_D").noconvert());
});

}  // namespace gw
