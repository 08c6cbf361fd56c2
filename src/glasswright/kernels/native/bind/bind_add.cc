#include "../add.h"

#include "arrays.h"

namespace gw {

static void add(nb::handle a_N, nb::handle b_N, nb::handle out_N) {
  Door door;
  const auto a = door.reads_flat("a", a_N);
  const auto b = door.reads_flat("b", b_N, a.size());
  const auto out = door.writes_flat("out", out_N, a.size(), {"a", "b"});
  const AddArgs args{a.data(), b.data(), out.data(), a.size()};
  Unlocked unlocked;
  GW_RUN(add, args);
}

static const Binding binding([](nb::module_& m) { m.def("add", &add, arg("a"), arg("b"), arg("out")); });

}  // namespace gw
