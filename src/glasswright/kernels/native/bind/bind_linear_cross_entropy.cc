#include "../linear_cross_entropy.h"

#include "arrays.h"

namespace gw {
namespace {

void require_targets(const Ids& target_R, std::size_t num_v) {
  for (std::size_t r = 0; r < target_R.size(); ++r) {
    const std::int64_t id = target_R.data()[r];
    if (id < kNotCounted || id >= static_cast<std::int64_t>(num_v))
      require(false, "target_R: expected -1 or an id below " + std::to_string(num_v) + ", found " + std::to_string(id) +
                         " at " + std::to_string(r));
  }
}

template <bool kByIntegers>
void linear_cross_entropy(nb::handle x_RD, nb::handle weight_VD, nb::handle target_R, nb::handle scale,
                          nb::handle soft_cap, nb::handle loss_R, nb::handle dx_RD, nb::handle dweight_VD) {
  Door door;
  const auto x = door.reads<2>("x_RD", x_RD);
  const std::size_t rows = x.shape(0), width = x.shape(1);
  const auto weight = door.reads<2>("weight_VD", weight_VD, {kAny, width});
  const auto target = door.reads_ids("target_R", target_R, rows);
  const auto loss = door.writes<1>("loss_R", loss_R, {rows});
  const auto dx = door.writes<2>("dx_RD", dx_RD, {rows, width});
  float* dweight = nullptr;
  if (dweight_VD.is_valid()) dweight = door.writes<2>("dweight_VD", dweight_VD, {weight.shape(0), width}).data();
  require_targets(target, weight.shape(0));
  const LinearCrossEntropyArgs args{x.data(),
                                    weight.data(),
                                    target.data(),
                                    require_exact("scale", scale),
                                    require_exact("soft_cap", soft_cap),
                                    loss.data(),
                                    dx.data(),
                                    dweight,
                                    rows,
                                    weight.shape(0),
                                    width,
                                    kByIntegers};
  Unlocked unlocked;
  GW_RUN(linear_cross_entropy, args);
}

template <bool kByIntegers>
void linear_cross_entropy_frozen(nb::handle x_RD, nb::handle weight_VD, nb::handle target_R, nb::handle scale,
                                 nb::handle soft_cap, nb::handle loss_R, nb::handle dx_RD) {
  linear_cross_entropy<kByIntegers>(x_RD, weight_VD, target_R, scale, soft_cap, loss_R, dx_RD, nb::handle());
}

template <bool kByIntegers>
void linear_cross_entropy_loss(nb::handle x_RD, nb::handle weight_VD, nb::handle target_R, nb::handle soft_cap,
                               nb::handle loss_R) {
  Door door;
  const auto x = door.reads<2>("x_RD", x_RD);
  const std::size_t rows = x.shape(0), width = x.shape(1);
  const auto weight = door.reads<2>("weight_VD", weight_VD, {kAny, width});
  const auto target = door.reads_ids("target_R", target_R, rows);
  const auto loss = door.writes<1>("loss_R", loss_R, {rows});
  require_targets(target, weight.shape(0));
  const LinearCrossEntropyArgs args{
      x.data(),    weight.data(), target.data(), 1.0f, require_exact("soft_cap", soft_cap),
      loss.data(), nullptr,       nullptr,       rows, weight.shape(0),
      width,       kByIntegers};
  Unlocked unlocked;
  GW_RUN(linear_cross_entropy, args);
}

template <bool kByIntegers>
void define(nb::module_& m, const char* both, const char* frozen, const char* loss_alone) {
  m.def(both, &linear_cross_entropy<kByIntegers>, arg("x_RD"), arg("weight_VD"), arg("target_R"), arg("scale"),
        arg("soft_cap"), arg("loss_R"), arg("dx_RD"), arg("dweight_VD"));
  m.def(frozen, &linear_cross_entropy_frozen<kByIntegers>, arg("x_RD"), arg("weight_VD"), arg("target_R"), arg("scale"),
        arg("soft_cap"), arg("loss_R"), arg("dx_RD"));
  m.def(loss_alone, &linear_cross_entropy_loss<kByIntegers>, arg("x_RD"), arg("weight_VD"), arg("target_R"),
        arg("soft_cap"), arg("loss_R"));
}

const Binding binding([](nb::module_& m) {
  define<false>(m, "linear_cross_entropy", "linear_cross_entropy_frozen", "linear_cross_entropy_loss");
  define<true>(m, "integer_linear_cross_entropy", "integer_linear_cross_entropy_frozen",
               "integer_linear_cross_entropy_loss");
});

}  // namespace
}  // namespace gw
