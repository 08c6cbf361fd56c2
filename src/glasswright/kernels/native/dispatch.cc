#include "dispatch.h"

#include <atomic>
#if defined(__x86_64__)
#include <cpuid.h>
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

std::atomic<bool> vnni_is_allowed{true};

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

bool uses_vnni() {
#if defined(__x86_64__)
  static const bool with_avx512 = __builtin_cpu_supports("avx512vnni"), with_avx2 = has_avx_vnni();
  const Isa isa = active_isa();
  return ((isa == Isa::avx512 && with_avx512) || (isa == Isa::avx2 && with_avx2)) && vnni_is_allowed.load();
#else
  return false;
#endif
}

void allow_vnni(bool is_allowed) { vnni_is_allowed.store(is_allowed); }

}  // namespace gw
