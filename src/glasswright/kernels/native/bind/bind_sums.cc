#include "../sums.h"

#include "arrays.h"

namespace gw {

static void ordered_sum(nb::handle x_N, nb::handle out_1) {
  Door door;
  const auto x = door.reads_flat("x_N", x_N);
  const auto out = door.writes<1>("out_1", out_1, {1});
  const SumArgs args{x.data(), out.data(), x.size()};
  Unlocked unlocked;
  GW_RUN(ordered_sum_of, args);
}

static void sum_of_squares(nb::handle x_N, nb::handle out_1) {
  Door door;
  const auto x = door.reads_flat("x_N", x_N);
  const auto out = door.writes<1>("out_1", out_1, {1});
  const SumArgs args{x.data(), out.data(), x.size()};
  Unlocked unlocked;
  GW_RUN(sum_of_squares, args);
}

static bool all_finite(nb::handle x_N) {
  Door door;
  const auto x = door.reads_flat("x_N", x_N);
  bool finite = true;
  const FiniteArgs args{x.data(), &finite, x.size()};
  Unlocked unlocked;
  GW_ANSWER(all_finite, args);
  return finite;
}

static const Binding binding([](nb::module_& m) {
  m.def("ordered_sum", &ordered_sum, arg("x_N"), arg("out_1"));
  m.def("sum_of_squares", &sum_of_squares, arg("x_N"), arg("out_1"));
  m.def("all_finite", &all_finite, arg("x_N"));
});

}  // namespace gw
