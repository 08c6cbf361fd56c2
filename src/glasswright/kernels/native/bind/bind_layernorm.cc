#include "../layernorm.h"

#include "arrays.h"

namespace gw {

static void layernorm(nb::handle x_RD, nb::handle gain_D, nb::handle bias_D, nb::handle epsilon, nb::handle out_RD,
                      nb::handle mean_R, nb::handle rstd_R) {
  Door door;
  const auto x = door.reads<2>("x_RD", x_RD);
  const std::size_t rows = x.shape(0), width = x.shape(1);
  const auto gain = door.reads<1>("gain_D", gain_D, {width});
  const auto bias = door.reads<1>("bias_D", bias_D, {width});
  const auto out = door.writes<2>("out_RD", out_RD, {rows, width});
  const auto mean = door.writes<1>("mean_R", mean_R, {rows});
  const auto rstd = door.writes<1>("rstd_R", rstd_R, {rows});
  const LayernormArgs args{x.data(), nullptr,    gain.data(), bias.data(), require_exact("epsilon", epsilon),
                           nullptr,  out.data(), mean.data(), rstd.data(), rows,
                           width};
  Unlocked unlocked;
  GW_RUN(layernorm, args);
}

static void add_layernorm(nb::handle x_RD, nb::handle delta_RD, nb::handle gain_D, nb::handle bias_D,
                          nb::handle epsilon, nb::handle sum_RD, nb::handle out_RD, nb::handle mean_R,
                          nb::handle rstd_R) {
  Door door;
  const auto x = door.reads<2>("x_RD", x_RD);
  const std::size_t rows = x.shape(0), width = x.shape(1);
  const auto delta = door.reads<2>("delta_RD", delta_RD, {rows, width});
  const auto gain = door.reads<1>("gain_D", gain_D, {width});
  const auto bias = door.reads<1>("bias_D", bias_D, {width});
  const auto sum = door.writes<2>("sum_RD", sum_RD, {rows, width}, {"x_RD", "delta_RD"});
  const auto out = door.writes<2>("out_RD", out_RD, {rows, width});
  const auto mean = door.writes<1>("mean_R", mean_R, {rows});
  const auto rstd = door.writes<1>("rstd_R", rstd_R, {rows});
  const LayernormArgs args{x.data(),   delta.data(), gain.data(), bias.data(), require_exact("epsilon", epsilon),
                           sum.data(), out.data(),   mean.data(), rstd.data(), rows,
                           width};
  Unlocked unlocked;
  GW_RUN(layernorm, args);
}

static void add_layernorm_backward(nb::handle dsum_RD, nb::handle dout_RD, nb::handle sum_RD, nb::handle gain_D,
                                   nb::handle mean_R, nb::handle rstd_R, nb::handle dx_RD, nb::handle dgain_D,
                                   nb::handle dbias_D) {
  Door door;
  const auto dout = door.reads<2>("dout_RD", dout_RD);
  const std::size_t rows = dout.shape(0), width = dout.shape(1);
  const auto dsum = door.reads<2>("dsum_RD", dsum_RD, {rows, width});
  const auto sum = door.reads<2>("sum_RD", sum_RD, {rows, width});
  const auto gain = door.reads<1>("gain_D", gain_D, {width});
  const auto mean = door.reads<1>("mean_R", mean_R, {rows});
  const auto rstd = door.reads<1>("rstd_R", rstd_R, {rows});
  const auto dx = door.writes<2>("dx_RD", dx_RD, {rows, width}, {"dsum_RD", "dout_RD", "sum_RD"});
  const auto dgain = door.writes<1>("dgain_D", dgain_D, {width});
  const auto dbias = door.writes<1>("dbias_D", dbias_D, {width});
  const LayernormBackwardArgs args{dsum.data(), dout.data(),  sum.data(),   gain.data(), mean.data(), rstd.data(),
                                   dx.data(),   dgain.data(), dbias.data(), rows,        width};
  Unlocked unlocked;
  GW_RUN(layernorm_backward, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("layernorm", &layernorm, arg("x_RD"), arg("gain_D"), arg("bias_D"), arg("epsilon"), arg("out_RD"),
        arg("mean_R"), arg("rstd_R"));
  m.def("add_layernorm", &add_layernorm, arg("x_RD"), arg("delta_RD"), arg("gain_D"), arg("bias_D"), arg("epsilon"),
        arg("sum_RD"), arg("out_RD"), arg("mean_R"), arg("rstd_R"));
  m.def("add_layernorm_backward", &add_layernorm_backward, arg("dsum_RD"), arg("dout_RD"), arg("sum_RD"), arg("gain_D"),
        arg("mean_R"), arg("rstd_R"), arg("dx_RD"), arg("dgain_D"), arg("dbias_D"));
});

}  // namespace gw
