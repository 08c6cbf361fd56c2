// The Python module glasswright.kernels._native: the C++ twins of the definitions, by the same names.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <vector>

#include "../amx.h"
#include "../dispatch.h"
#include "../float_mode.h"
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

std::vector<std::string> byte_units() {
  std::vector<std::string> names;
  for (const gw::ByteUnit unit : gw::kByteUnits)
    if (gw::byte_unit_supported(unit)) names.push_back(gw::byte_unit_name(unit));
  return names;
}

void use_byte_unit(const std::optional<std::string>& wanted) {
  if (!wanted) return gw::set_byte_unit(std::nullopt);
  for (const gw::ByteUnit unit : gw::kByteUnits)
    if (*wanted == gw::byte_unit_name(unit) && gw::byte_unit_supported(unit)) return gw::set_byte_unit(unit);
  throw nanobind::value_error(("no such unit beside the active instruction set: " + *wanted).c_str());
}

std::string amx() {
  constexpr const char* kNames[] = {"absent", "refused", "wrong", "right"};
  return kNames[static_cast<int>(gw::amx_state())];
}

constexpr const char* kFloatModeDoc =
    "The bits of this thread's floating-point control registers that differ from rule 1 of docs/numerics.md; 0 is\n"
    "round to nearest even with subnormals kept. x86-64: MXCSR's DAZ 0x40, rounding 0x6000 and FTZ 0x8000, and the\n"
    "x87's rounding 0x0C000000 (fesetround sets both). aarch64: FPCR's FIZ, AH and NEP 0x7, rounding 0xC00000, FZ\n"
    "0x1000000.";

constexpr const char* kSetFloatModeDoc =
    "Set those bits for this thread and return the earlier ones:\n\n"
    "    earlier = set_float_mode(0)      rule 1 from here on\n"
    "    ...\n"
    "    set_float_mode(earlier)\n\n"
    "Raises:  ValueError for bits that are none of a mode's.";

std::uint32_t set_float_mode(nanobind::handle mode) {
  const std::uint32_t earlier = gw::float_mode();
  gw::set_float_mode(static_cast<std::uint32_t>(gw::require_integer("mode", mode, 0, UINT32_MAX)));
  return earlier;
}

void set_num_threads(nanobind::handle num_threads) {
  gw::set_num_threads(static_cast<int>(gw::require_integer("num_threads", num_threads, 1, gw::kMaxThreads)));
}

}  // namespace

NB_MODULE(_native, m) {
  m.def("supported_isas", &supported_isas);
  m.def("active_isa", [] { return std::string(gw::isa_name(gw::active_isa())); });
  m.def("use_isa", &use_isa, nanobind::arg("name"));
  m.def("byte_units", &byte_units);
  m.def("byte_unit", [] { return std::string(gw::byte_unit_name(gw::byte_unit())); });
  m.def("use_byte_unit", &use_byte_unit, nanobind::arg("name").none());
  m.def("amx", &amx);
  m.def("set_num_threads", &set_num_threads, gw::arg("num_threads"));
  m.def("num_threads", &gw::num_threads);
  m.def("float_mode", &gw::float_mode, kFloatModeDoc);
  m.def("set_float_mode", &set_float_mode, gw::arg("mode"), kSetFloatModeDoc);
  for (auto bind : gw::Binding::all()) bind(m);
}
