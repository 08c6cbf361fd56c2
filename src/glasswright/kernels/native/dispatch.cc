#include "dispatch.h"

#include <atomic>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "amx.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace gw {
namespace {

Isa widest() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (isa_supported(Isa::avx512)) return Isa::avx512;
  if (isa_supported(Isa::avx2)) return Isa::avx2;
  return Isa::generic;
#elif defined(__aarch64__)
  return Isa::neon;
#else
  return Isa::generic;
#endif
}

#if defined(__x86_64__)
// As the processor says it: clang 14 has no name for it to ask __builtin_cpu_supports by.
bool has_avx_vnni() {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax >> 4 & 1);
}
#endif

constexpr int kNotChosen = -1;
std::atomic<int> chosen_byte_unit{kNotChosen};

std::atomic<Isa>& current() {
  static std::atomic<Isa> isa{widest()};
  return isa;
}

}  // namespace

bool isa_supported([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == Isa::avx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
#endif
  return true;
}

const char* isa_name(Isa isa) {
  switch (isa) {
#define GW_NAME(name) \
  case Isa::name:     \
    return #name;
    GW_FOR_EACH_ISA(GW_NAME)
#undef GW_NAME
  }
  return "unknown";
}

Isa active_isa() { return current().load(std::memory_order_relaxed); }
void set_isa(Isa isa) { current().store(isa, std::memory_order_relaxed); }

const char* byte_unit_name(ByteUnit unit) {
  switch (unit) {
    case ByteUnit::vnni:
      return "vnni";
    case ByteUnit::dotprod:
      return "dotprod";
    case ByteUnit::amx:
      return "amx";
    case ByteUnit::emulated_amx:
      return "emulated_amx";
    case ByteUnit::none:
      break;
  }
  return "none";
}

bool byte_unit_supported(ByteUnit unit) {
  if (unit == ByteUnit::none) return true;
#if defined(__x86_64__)
  static const bool vnni_with_avx512 = __builtin_cpu_supports("avx512vnni");
  static const bool vnni_with_avx2 = has_avx_vnni();
  if (active_isa() == Isa::avx2) return unit == ByteUnit::vnni && vnni_with_avx2;
  if (active_isa() == Isa::avx512)
    return unit == ByteUnit::emulated_amx || (unit == ByteUnit::vnni && vnni_with_avx512) ||
           (unit == ByteUnit::amx && amx_state() == AmxState::right);
#elif defined(__aarch64__) && defined(__linux__)
  constexpr unsigned long kDotProducts = 1ul << 20;  // HWCAP_ASIMDDP
  static const bool has_dot_products = getauxval(AT_HWCAP) & kDotProducts;
  return active_isa() == Isa::neon && unit == ByteUnit::dotprod && has_dot_products;
#endif
  return false;
}

ByteUnit byte_unit() {
  const int chosen = chosen_byte_unit.load(std::memory_order_relaxed);
  if (chosen != kNotChosen) {
    const auto unit = static_cast<ByteUnit>(chosen);
    return byte_unit_supported(unit) ? unit : ByteUnit::none;
  }
  for (const ByteUnit unit : {ByteUnit::amx, ByteUnit::vnni, ByteUnit::dotprod})
    if (byte_unit_supported(unit)) return unit;
  return ByteUnit::none;
}

void set_byte_unit(std::optional<ByteUnit> unit) {
  chosen_byte_unit.store(unit ? static_cast<int>(*unit) : kNotChosen, std::memory_order_relaxed);
}

}  // namespace gw
