#include "amx.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace gw {
namespace {

#if defined(__x86_64__) && defined(__linux__)

bool is_there() {
  unsigned eax, ebx, ecx, edx;
  constexpr unsigned kTiles = 1u << 24, kBytes = 1u << 25;  // leaf 7: AMX-TILE, AMX-INT8
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (edx & kTiles) && (edx & kBytes);
}

// Tiles are 8 KiB of a thread's state, which Linux keeps for those that ask (Documentation/arch/x86/xstate.rst).
bool is_granted() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILE_DATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

AmxState found() {
  if (!is_there()) return AmxState::absent;
  if (!is_granted()) return AmxState::refused;
  return multiplies_right<Amx>() ? AmxState::right : AmxState::wrong;
}

#else

AmxState found() { return AmxState::absent; }

#endif

}  // namespace

AmxState amx_state() {
  static const AmxState state = found();
  return state;
}

}  // namespace gw
