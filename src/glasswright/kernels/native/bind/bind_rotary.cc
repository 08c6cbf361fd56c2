#include "../rotary.h"

#include "arrays.h"

namespace gw {

static void rotary_table(nb::handle inverse_frequency_e, nb::handle first_position, nb::handle cos_Te,
                         nb::handle sin_Te) {
  constexpr std::size_t kMaxPositions = 1 << 24;
  Door door;
  const auto inverse_frequency = door.reads<1>("inverse_frequency_e", inverse_frequency_e);
  const std::size_t pairs = inverse_frequency.shape(0);
  const auto cos = door.writes<2>("cos_Te", cos_Te, {kAny, pairs});
  const std::size_t positions = cos.shape(0);
  const auto sin = door.writes<2>("sin_Te", sin_Te, {positions, pairs});
  const std::int64_t first = require_integer("first_position", first_position, INT64_MIN, INT64_MAX);
  require(first >= 0 && positions <= kMaxPositions && static_cast<std::size_t>(first) <= kMaxPositions - positions,
          "first_position: expected positions from 0 to " + std::to_string(kMaxPositions - 1) + ", got " +
              std::to_string(positions) + " from " + std::to_string(first));
  const RotaryTableArgs args{
      inverse_frequency.data(), static_cast<std::size_t>(first), cos.data(), sin.data(), positions, pairs};
  Unlocked unlocked;
  GW_RUN(rotary_table, args);
}

// A turn of x to out, whose names depend on its direction.
struct Turn {
  const char *x, *out;
};

template <class Run>
static void turn(const Turn& names, nb::handle x_RHE, nb::handle cos_Te, nb::handle sin_Te, nb::handle out_RHE,
                 Run run) {
  Door door;
  const auto x = door.reads<3>(names.x, x_RHE);
  const std::size_t rows = x.shape(0), heads = x.shape(1), width = x.shape(2);
  const auto cos = door.reads<2>("cos_Te", cos_Te);
  const std::size_t positions = cos.shape(0), pairs = cos.shape(1);
  const auto sin = door.reads<2>("sin_Te", sin_Te, {positions, pairs});
  const auto out = door.writes<3>(names.out, out_RHE, {rows, heads, width}, {names.x});
  require(pairs <= width / 2 && positions > 0,
          std::string(names.x) + ": expected a head of at least " + std::to_string(2 * pairs) +
              " channels and a table of positions, got a head of " + std::to_string(width) + " and " +
              std::to_string(positions) + " positions");
  const RotaryArgs args{x.data(), cos.data(), sin.data(), out.data(), rows, heads, width, positions, pairs};
  Unlocked unlocked;
  run(args);
}

static void rotary(nb::handle x_RHE, nb::handle cos_Te, nb::handle sin_Te, nb::handle out_RHE) {
  turn({"x_RHE", "out_RHE"}, x_RHE, cos_Te, sin_Te, out_RHE, [](const RotaryArgs& args) { GW_RUN(rotary, args); });
}

static void rotary_backward(nb::handle dout_RHE, nb::handle cos_Te, nb::handle sin_Te, nb::handle dx_RHE) {
  turn({"dout_RHE", "dx_RHE"}, dout_RHE, cos_Te, sin_Te, dx_RHE,
       [](const RotaryArgs& args) { GW_RUN(rotary_backward, args); });
}

static void rotary_interleaved(nb::handle x_RHE, nb::handle cos_Te, nb::handle sin_Te, nb::handle out_RHE) {
  turn({"x_RHE", "out_RHE"}, x_RHE, cos_Te, sin_Te, out_RHE,
       [](const RotaryArgs& args) { GW_RUN(rotary_interleaved, args); });
}

static void rotary_interleaved_backward(nb::handle dout_RHE, nb::handle cos_Te, nb::handle sin_Te, nb::handle dx_RHE) {
  turn({"dout_RHE", "dx_RHE"}, dout_RHE, cos_Te, sin_Te, dx_RHE,
       [](const RotaryArgs& args) { GW_RUN(rotary_interleaved_backward, args); });
}

static const Binding binding([](nb::module_& m) {
  m.def("rotary_table", &rotary_table, arg("inverse_frequency_e"), arg("first_position"), arg("cos_Te"), arg("sin_Te"));
  m.def("rotary", &rotary, arg("x_RHE"), arg("cos_Te"), arg("sin_Te"), arg("out_RHE"));
  m.def("rotary_backward", &rotary_backward, arg("dout_RHE"), arg("cos_Te"), arg("sin_Te"), arg("dx_RHE"));
  m.def("rotary_interleaved", &rotary_interleaved, arg("x_RHE"), arg("cos_Te"), arg("sin_Te"), arg("out_RHE"));
  m.def("rotary_interleaved_backward", &rotary_interleaved_backward, arg("dout_RHE"), arg("cos_Te"), arg("sin_Te"),
        arg("dx_RHE"));
});

}  // namespace gw
