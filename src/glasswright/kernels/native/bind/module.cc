// The Python module glasswright.kernels._native: the C++ twins of the definitions, by the same names.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "../dispatch.h"
#include "../pool.h"
#include "arrays.h"

namespace {

std::vector<std::string> supported_isas() {
  std::vector<std::string> names;
#define GW_LIST(name) \
  if (gw::isa_supported(gw::Isa::name)) names.push_back(#name);
  GW_FOR_EACH_ISA(GW_LIST)
#undef GW_LIST
  return names;
}

void use_isa(const std::string& wanted) {
#define GW_USE(name) \
  if (wanted == #name && gw::isa_supported(gw::Isa::name)) return gw::set_isa(gw::Isa::name);
  GW_FOR_EACH_ISA(GW_USE)
#undef GW_USE
  throw nanobind::value_error(("no such instruction set on this machine: " + wanted).c_str());
}

}  // namespace

NB_MODULE(_native, m) {
  m.def("supported_isas", &supported_isas);
  m.def("active_isa", [] { return std::string(gw::isa_name(gw::active_isa())); });
  m.def("use_isa", &use_isa, nanobind::arg("name"));
  m.def("set_num_threads", &gw::set_num_threads, nanobind::arg("num_threads"));
  m.def("num_threads", &gw::num_threads);
  for (auto bind : gw::Binding::all()) bind(m);
}
