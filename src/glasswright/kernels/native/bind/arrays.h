// What a kernel accepts from Python: C-contiguous arrays on the CPU, through DLPack, checked once at the door.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <string>
#include <vector>

#include "../float_mode.h"

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

// ValueError: "dx_RD: expected shape (3, 8), got (3, 7)".
template <class Array>
void require_shape(const char* name, const Array& array, const std::vector<std::size_t>& shape) {
  const auto text = [](std::size_t num_axes, auto length) {
    std::string out = "(";
    for (std::size_t i = 0; i < num_axes; ++i) out += (i == 0 ? "" : ", ") + std::to_string(length(i));
    return out + ")";
  };
  bool same = array.ndim() == shape.size();
  for (std::size_t i = 0; same && i < shape.size(); ++i) same = array.shape(i) == shape[i];
  if (!same)
    throw nb::value_error((std::string(name) + ": expected shape " +
                           text(shape.size(), [&](auto i) { return shape[i]; }) + ", got " +
                           text(array.ndim(), [&](auto i) {
                             return array.shape(i);
                           })).c_str());
}

// For kernels that go element by element over arrays of any shape.
template <class Array>
void require_size(const char* name, const Array& array, std::size_t size) {
  require(array.size() == size,
          std::string(name) + ": expected " + std::to_string(size) + " elements, got " + std::to_string(array.size()));
}

// A scalar that enters arithmetic: a Python float that binary32 holds exactly.
inline float require_exact(const char* name, double value) {
  const FloatMode mode;  // a subnormal is exact, though the process may flush it
  const float exact = static_cast<float>(value);
  require(static_cast<double>(exact) == value || value != value,
          std::string(name) + ": expected a number that is exact in binary32, got " + std::to_string(value));
  return exact;
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
