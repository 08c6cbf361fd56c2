#include "../linear_cross_entropy.h"

#include "arrays.h"

namespace gw {
namespace {

void require_shapes(const In<2>& x, const In<2>& weight, const Ids& target, const Out<1>& loss) {
  require_shape("weight_VD", weight, {weight.shape(0), x.shape(1)});
  require_shape("target_R", target, {x.shape(0)});
  require_shape("loss_R", loss, {x.shape(0)});
  const auto num_v = static_cast<std::int64_t>(weight.shape(0));
  for (std::size_t r = 0; r < target.size(); ++r) {
    const std::int64_t id = target.data()[r];
    require(kNotCounted <= id && id < num_v, "target_R: expected -1 or an id below " + std::to_string(num_v) +
                                                 ", found " + std::to_string(id) + " at " + std::to_string(r));
  }
}

const Binding binding([](nb::module_& m) {
  m.def(
      "linear_cross_entropy",
      [](In<2> x, In<2> weight, Ids target, double scale, Out<1> loss, Out<2> dx, Out<2> dweight) {
        require_shapes(x, weight, target, loss);
        require_shape("dx_RD", dx, {x.shape(0), x.shape(1)});
        require_shape("dweight_VD", dweight, {weight.shape(0), weight.shape(1)});
        const LinearCrossEntropyArgs args{x.data(),        weight.data(), target.data(),  require_exact("scale", scale),
                                          loss.data(),     dx.data(),     dweight.data(), x.shape(0),
                                          weight.shape(0), x.shape(1)};
        Unlocked unlocked;
        GW_RUN(linear_cross_entropy, args);
      },
      nb::arg("x_RD").noconvert(), nb::arg("weight_VD").noconvert(), nb::arg("target_R").noconvert(), nb::arg("scale"),
      nb::arg("loss_R").noconvert(), nb::arg("dx_RD").noconvert(), nb::arg("dweight_VD").noconvert());
  m.def(
      "linear_cross_entropy_loss",
      [](In<2> x, In<2> weight, Ids target, Out<1> loss) {
        require_shapes(x, weight, target, loss);
        const LinearCrossEntropyArgs args{x.data(), weight.data(), target.data(),   1.0f,      loss.data(), nullptr,
                                          nullptr,  x.shape(0),    weight.shape(0), x.shape(1)};
        Unlocked unlocked;
        GW_RUN(linear_cross_entropy, args);
      },
      nb::arg("x_RD").noconvert(), nb::arg("weight_VD").noconvert(), nb::arg("target_R").noconvert(),
      nb::arg("loss_R").noconvert());
});

}  // namespace
}  // namespace gw
