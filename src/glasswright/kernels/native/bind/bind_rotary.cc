#include "../rotary.h"

#include "arrays.h"

namespace gw {

static void rotary_table(In<1> inverse_frequency_e, std::int64_t first_position, Out<2> cos_Te, Out<2> sin_Te) {
  const std::size_t positions = cos_Te.shape(0), pairs = inverse_frequency_e.shape(0);
  require_shape("cos_Te", cos_Te, {positions, pairs});
  require_shape("sin_Te", sin_Te, {positions, pairs});
  constexpr std::int64_t kMaxPositions = 1 << 24;
  require(first_position >= 0 && first_position + static_cast<std::int64_t>(positions) <= kMaxPositions,
          "first_position: expected positions from 0 to " + std::to_string(kMaxPositions - 1) + ", got " +
              std::to_string(positions) + " from " + std::to_string(first_position));
  const RotaryTableArgs args{inverse_frequency_e.data(),
                             static_cast<std::size_t>(first_position),
                             cos_Te.data(),
                             sin_Te.data(),
                             positions,
                             pairs};
  Unlocked unlocked;
  GW_RUN(rotary_table, args);
}

static RotaryArgs turn_args(const char* out_name, const In<3>& x, const In<2>& cos, const In<2>& sin,
                            const Out<3>& out) {
  const std::size_t positions = cos.shape(0), pairs = x.shape(2) / 2;
  require(x.shape(2) % 2 == 0 && positions > 0,
          "x_RHE: expected an even head and a table of positions, got a head of " + std::to_string(x.shape(2)) +
              " and " + std::to_string(positions) + " positions");
  require_shape("cos_Te", cos, {positions, pairs});
  require_shape("sin_Te", sin, {positions, pairs});
  require_shape(out_name, out, {x.shape(0), x.shape(1), x.shape(2)});
  return {x.data(), cos.data(), sin.data(), out.data(), x.shape(0), x.shape(1), positions, pairs};
}

static void rotary(In<3> x_RHE, In<2> cos_Te, In<2> sin_Te, Out<3> out_RHE) {
  const RotaryArgs args = turn_args("out_RHE", x_RHE, cos_Te, sin_Te, out_RHE);
  Unlocked unlocked;
  GW_RUN(rotary, args);
}

static void rotary_backward(In<3> dout_RHE, In<2> cos_Te, In<2> sin_Te, Out<3> dx_RHE) {
  const RotaryArgs args = turn_args("dx_RHE", dout_RHE, cos_Te, sin_Te, dx_RHE);
  Unlocked unlocked;
  GW_RUN(rotary_backward, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("rotary_table", &rotary_table, nb::arg("inverse_frequency_e").noconvert(), nb::arg("first_position"),
        nb::arg("cos_Te").noconvert(), nb::arg("sin_Te").noconvert());
  m.def("rotary", &rotary, nb::arg("x_RHE").noconvert(), nb::arg("cos_Te").noconvert(), nb::arg("sin_Te").noconvert(),
        nb::arg("out_RHE").noconvert());
  m.def("rotary_backward", &rotary_backward, nb::arg("dout_RHE").noconvert(), nb::arg("cos_Te").noconvert(),
        nb::arg("sin_Te").noconvert(), nb::arg("dx_RHE").noconvert());
});

}  // namespace gw
