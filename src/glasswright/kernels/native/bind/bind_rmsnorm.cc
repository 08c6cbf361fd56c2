#include "../rmsnorm.h"

#include "arrays.h"

namespace gw {

static void rmsnorm(nb::handle x_RD, nb::handle gain_D, nb::handle epsilon, nb::handle out_RD, nb::handle rstd_R) {
  Door door;
  const auto x = door.reads<2>("x_RD", x_RD);
  const std::size_t rows = x.shape(0), width = x.shape(1);
  const auto gain = door.reads<1>("gain_D", gain_D, {width});
  const auto out = door.writes<2>("out_RD", out_RD, {rows, width});
  const auto rstd = door.writes<1>("rstd_R", rstd_R, {rows});
  const RmsnormArgs args{x.data(),    nullptr, gain.data(), require_exact("epsilon", epsilon), nullptr, out.data(),
                         rstd.data(), rows,    width};
  Unlocked unlocked;
  GW_RUN(rmsnorm, args);
}

static void add_rmsnorm(nb::handle x_RD, nb::handle delta_RD, nb::handle gain_D, nb::handle epsilon, nb::handle sum_RD,
                        nb::handle out_RD, nb::handle rstd_R) {
  Door door;
  const auto x = door.reads<2>("x_RD", x_RD);
  const std::size_t rows = x.shape(0), width = x.shape(1);
  const auto delta = door.reads<2>("delta_RD", delta_RD, {rows, width});
  const auto gain = door.reads<1>("gain_D", gain_D, {width});
  const auto sum = door.writes<2>("sum_RD", sum_RD, {rows, width}, {"x_RD", "delta_RD"});
  const auto out = door.writes<2>("out_RD", out_RD, {rows, width});
  const auto rstd = door.writes<1>("rstd_R", rstd_R, {rows});
  const RmsnormArgs args{x.data(),   delta.data(), gain.data(), require_exact("epsilon", epsilon),
                         sum.data(), out.data(),   rstd.data(), rows,
                         width};
  Unlocked unlocked;
  GW_RUN(rmsnorm, args);
}

static void rmsnorm_backward(nb::handle dout_RD, nb::handle x_RD, nb::handle gain_D, nb::handle rstd_R,
                             nb::handle dx_RD, nb::handle dgain_D) {
  Door door;
  const auto dout = door.reads<2>("dout_RD", dout_RD);
  const std::size_t rows = dout.shape(0), width = dout.shape(1);
  const auto x = door.reads<2>("x_RD", x_RD, {rows, width});
  const auto gain = door.reads<1>("gain_D", gain_D, {width});
  const auto rstd = door.reads<1>("rstd_R", rstd_R, {rows});
  const auto dx = door.writes<2>("dx_RD", dx_RD, {rows, width}, {"dout_RD", "x_RD"});
  const auto dgain = door.writes<1>("dgain_D", dgain_D, {width});
  const RmsnormBackwardArgs args{nullptr,   dout.data(),  x.data(), gain.data(), rstd.data(),
                                 dx.data(), dgain.data(), rows,     width};
  Unlocked unlocked;
  GW_RUN(rmsnorm_backward, args);
}

static void add_rmsnorm_backward(nb::handle dsum_RD, nb::handle dout_RD, nb::handle sum_RD, nb::handle gain_D,
                                 nb::handle rstd_R, nb::handle dx_RD, nb::handle dgain_D) {
  Door door;
  const auto dout = door.reads<2>("dout_RD", dout_RD);
  const std::size_t rows = dout.shape(0), width = dout.shape(1);
  const auto dsum = door.reads<2>("dsum_RD", dsum_RD, {rows, width});
  const auto sum = door.reads<2>("sum_RD", sum_RD, {rows, width});
  const auto gain = door.reads<1>("gain_D", gain_D, {width});
  const auto rstd = door.reads<1>("rstd_R", rstd_R, {rows});
  const auto dx = door.writes<2>("dx_RD", dx_RD, {rows, width}, {"dsum_RD", "dout_RD", "sum_RD"});
  const auto dgain = door.writes<1>("dgain_D", dgain_D, {width});
  const RmsnormBackwardArgs args{dsum.data(), dout.data(),  sum.data(), gain.data(), rstd.data(),
                                 dx.data(),   dgain.data(), rows,       width};
  Unlocked unlocked;
  GW_RUN(rmsnorm_backward, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("rmsnorm", &rmsnorm, arg("x_RD"), arg("gain_D"), arg("epsilon"), arg("out_RD"), arg("rstd_R"));
  m.def("add_rmsnorm", &add_rmsnorm, arg("x_RD"), arg("delta_RD"), arg("gain_D"), arg("epsilon"), arg("sum_RD"),
        arg("out_RD"), arg("rstd_R"));
  m.def("rmsnorm_backward", &rmsnorm_backward, arg("dout_RD"), arg("x_RD"), arg("gain_D"), arg("rstd_R"), arg("dx_RD"),
        arg("dgain_D"));
  m.def("add_rmsnorm_backward", &add_rmsnorm_backward, arg("dsum_RD"), arg("dout_RD"), arg("sum_RD"), arg("gain_D"),
        arg("rstd_R"), arg("dx_RD"), arg("dgain_D"));
});

}  // namespace gw
