#include "../sums.h"

#include "arrays.h"

namespace gw {

static const Binding binding([](nb::module_& m) {
  m.def(
      "ordered_sum",
      [](AnyIn x_N, Out<1> out_1) {
        require_shape("out_1", out_1, {1});
        const SumArgs args{x_N.data(), out_1.data(), x_N.size()};
        Unlocked unlocked;
        GW_RUN(ordered_sum_of, args);
      },
      nb::arg("x_N").noconvert(), nb::arg("out_1").noconvert());
  m.def(
      "sum_of_squares",
      [](AnyIn x_N, Out<1> out_1) {
        require_shape("out_1", out_1, {1});
        const SumArgs args{x_N.data(), out_1.data(), x_N.size()};
        Unlocked unlocked;
        GW_RUN(sum_of_squares, args);
      },
      nb::arg("x_N").noconvert(), nb::arg("out_1").noconvert());
  m.def(
      "all_finite",
      [](AnyIn x_N) {
        bool finite = true;
        const FiniteArgs args{x_N.data(), &finite, x_N.size()};
        {
          Unlocked unlocked;
          GW_RUN(all_finite, args);
        }
        return finite;
      },
      nb::arg("x_N").noconvert());
});

}  // namespace gw
