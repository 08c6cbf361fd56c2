#include "../tape.h"

#include "arrays.h"

namespace gw {

constexpr const char* kTapeDoc =
    "Calls of kernels, kept to be played again on the same memory: `record`, call kernels, `stop`; then `play` as "
    "often\n"
    "as wanted. Whoever has a tape keeps the arrays that its kernels were called with.";

static const Binding binding([](nb::module_& m) {
  nb::exception<NotPlayable>(m, "NotPlayable");
  nb::class_<Tape>(m, "Tape", kTapeDoc)
      .def(nb::init<>())
      .def("record", &Tape::record)
      .def("stop", &Tape::stop)
      .def("play",
           [](const Tape& tape) {
             Unlocked unlocked;
             tape.play();
           })
      .def("__len__", &Tape::size);
});

}  // namespace gw
