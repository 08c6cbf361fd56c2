#include "../add.h"

#include "arrays.h"

namespace gw {

static const Binding binding([](nb::module_& m) {
  m.def(
      "add",
      [](AnyIn a, AnyIn b, AnyOut out) {
        require(a.size() == b.size() && a.size() == out.size(), "add: a, b and out must have the same size");
        const AddArgs args{a.data(), b.data(), out.data(), a.size()};
        Unlocked unlocked;
        GW_RUN(add, args);
      },
      nb::arg("a").noconvert(), nb::arg("b").noconvert(), nb::arg("out").noconvert());
});

}  // namespace gw
