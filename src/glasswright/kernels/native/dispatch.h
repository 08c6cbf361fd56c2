// Which copy of a kernel runs: every kernel exists once per instruction set, all with equal bits.
//
//   GW_DECLARE_KERNEL(matmul, MatmulArgs)   in matmul.h: declares gw::generic::matmul, gw::avx2::matmul, ...
//   GW_RUN(matmul, args)                    calls the copy for the active instruction set; a thread that records a
//                                           tape keeps the call on it (tape.h)
//   GW_ANSWER(pick, args)                   the same for a kernel whose answer goes to Python: no tape can hold it
#pragma once

#include <optional>

#include "tape.h"

#if defined(__x86_64__)
#define GW_FOR_EACH_ISA(X) X(generic) X(avx2) X(avx512)
#elif defined(__aarch64__)
#define GW_FOR_EACH_ISA(X) X(generic) X(neon)
#else
#define GW_FOR_EACH_ISA(X) X(generic)
#endif

namespace gw {

enum class Isa {
#define GW_ENUM(name) name,
  GW_FOR_EACH_ISA(GW_ENUM)
#undef GW_ENUM
};

// The widest set this machine has, unless set_isa chose another.
Isa active_isa();
bool isa_supported(Isa isa);
const char* isa_name(Isa isa);
void set_isa(Isa isa);

// What multiplies bytes, which some machines have beside an instruction set:
//
//   avx512   vnni (AVX-512 VNNI), amx, emulated_amx: AMX's instructions in plain C++, for tests
//   avx2     vnni (AVX-VNNI)
//   neon     dotprod (SDOT)
enum class ByteUnit { none, vnni, dotprod, amx, emulated_amx };
constexpr ByteUnit kByteUnits[] = {ByteUnit::none, ByteUnit::vnni, ByteUnit::dotprod, ByteUnit::amx,
                                   ByteUnit::emulated_amx};
const char* byte_unit_name(ByteUnit unit);
bool byte_unit_supported(ByteUnit unit);  // beside the active set

// The fastest that there is beside the active set, unless set_byte_unit chose another; then that one, or none.
ByteUnit byte_unit();
void set_byte_unit(std::optional<ByteUnit> unit);

}  // namespace gw

#define GW_DECLARE_IN_generic(name, Args) \
  namespace gw::generic {                 \
  void name(const Args&);                 \
  }
#define GW_DECLARE_IN_avx2(name, Args) \
  namespace gw::avx2 {                 \
  void name(const Args&);              \
  }
#define GW_DECLARE_IN_avx512(name, Args) \
  namespace gw::avx512 {                 \
  void name(const Args&);                \
  }
#define GW_DECLARE_IN_neon(name, Args) \
  namespace gw::neon {                 \
  void name(const Args&);              \
  }

#if defined(__x86_64__)
#define GW_DECLARE_KERNEL(name, Args) \
  GW_DECLARE_IN_generic(name, Args) GW_DECLARE_IN_avx2(name, Args) GW_DECLARE_IN_avx512(name, Args)
#define GW_CALL(name, args)        \
  do {                             \
    switch (::gw::active_isa()) {  \
      case ::gw::Isa::generic:     \
        ::gw::generic::name(args); \
        break;                     \
      case ::gw::Isa::avx2:        \
        ::gw::avx2::name(args);    \
        break;                     \
      case ::gw::Isa::avx512:      \
        ::gw::avx512::name(args);  \
        break;                     \
    }                              \
  } while (0)
#elif defined(__aarch64__)
#define GW_DECLARE_KERNEL(name, Args) GW_DECLARE_IN_generic(name, Args) GW_DECLARE_IN_neon(name, Args)
#define GW_CALL(name, args)        \
  do {                             \
    switch (::gw::active_isa()) {  \
      case ::gw::Isa::generic:     \
        ::gw::generic::name(args); \
        break;                     \
      case ::gw::Isa::neon:        \
        ::gw::neon::name(args);    \
        break;                     \
    }                              \
  } while (0)
#else
#define GW_DECLARE_KERNEL(name, Args) GW_DECLARE_IN_generic(name, Args)
#define GW_CALL(name, args) ::gw::generic::name(args)
#endif

#define GW_RUN(name, args) ::gw::run([](const auto& kept_args) { GW_CALL(name, kept_args); }, args)
#define GW_ANSWER(name, args)      \
  do {                             \
    ::gw::require_not_recording(); \
    GW_CALL(name, args);           \
  } while (0)
