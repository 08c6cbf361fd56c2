// What a kernel accepts from Python: C-contiguous arrays on the CPU, through DLPack, checked once at the door.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gw {
namespace nb = nanobind;

template <int kNumAxes>
using In = nb::ndarray<const float, nb::ndim<kNumAxes>, nb::c_contig, nb::device::cpu>;
template <int kNumAxes>
using Out = nb::ndarray<float, nb::ndim<kNumAxes>, nb::c_contig, nb::device::cpu>;
using AnyIn = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;
using AnyOut = nb::ndarray<float, nb::c_contig, nb::device::cpu>;
using Ids = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

inline void require(bool ok, const std::string& message) {
  if (!ok) throw nb::value_error(message.c_str());
}

// A kernel runs without the interpreter lock: nothing below the door touches Python.
using Unlocked = nb::gil_scoped_release;

// Each bind_<kernel>.cc adds its functions to the module:
//
//   static const Binding binding([](nb::module_& m) { m.def("add", ...); });
struct Binding {
  explicit Binding(void (*bind)(nb::module_&)) { all().push_back(bind); }
  static std::vector<void (*)(nb::module_&)>& all() {
    static std::vector<void (*)(nb::module_&)> bindings;
    return bindings;
  }
};

}  // namespace gw
