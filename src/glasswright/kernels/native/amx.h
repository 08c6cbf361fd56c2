// The eight instructions that a product of bytes takes on AMX, with two bodies: the processor's, and plain C++ that
// does what Intel's manual (Software Developer's Manual, volume 2: LDTILECFG, TDPBSSD, ...) says they do.
//
//   configure, release             how large the eight tiles are; until then there are none, and then no longer
//   zero<t>                        tile t = 0
//   load<t>, load_once<t>          rows of bytes, `stride` bytes apart; the latter asks to keep it out of the nearest
//   cache add_products<c, a, b>          c[m][n] += sum over k of a[m][k] b[k / 4][4 n + k % 4]; signed bytes, 32 bits
//   that wrap store<t>
//
// The processor's body has not run on an AMX machine: see docs/measured.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace gw {

// What this machine's AMX is good for; asks the kernel for it, once a process.
enum class AmxState {
  absent,   // no such unit
  refused,  // the kernel does not let this process have it
  wrong,    // its products are not those of integers: it is not used
  right,
};
AmxState amx_state();

}  // namespace gw

// Kernels have copies of their own: the linker keeps one of a function that several have.
#if defined(GW_ISA)
namespace gw::GW_ISA {
#else
namespace gw {
#endif

constexpr std::size_t kNumTiles = 8, kTileRowCount = 16, kTileRowBytes = 64;

// What LDTILECFG reads.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};
static_assert(sizeof(TileConfig) == 64);

constexpr TileConfig whole_tiles() {
  TileConfig config;
  for (std::size_t t = 0; t < kNumTiles; ++t) {
    config.row_bytes[t] = kTileRowBytes;
    config.rows[t] = kTileRowCount;
  }
  return config;
}

#if defined(__x86_64__)
// As instructions: the compilers' intrinsics take no tile from a template, and need a flag each.
struct Amx {
  static void configure(const TileConfig& config) { asm volatile("ldtilecfg %0" : : "m"(config)); }
  static void release() { asm volatile("tilerelease"); }
  template <int t>
  static void zero() {
    asm volatile("tilezero %%tmm%c0" : : "i"(t));
  }
  template <int t>
  static void load(const void* data, std::size_t stride) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(data), "r"(stride), "i"(t) : "memory");
  }
  template <int t>
  static void load_once(const void* data, std::size_t stride) {
    asm volatile("tileloaddt1 (%0,%1,1), %%tmm%c2" : : "r"(data), "r"(stride), "i"(t) : "memory");
  }
  template <int c, int a, int b>
  static void add_products() {
    asm volatile("tdpbssd %%tmm%c0, %%tmm%c1, %%tmm%c2" : : "i"(b), "i"(a), "i"(c));
  }
  template <int t>
  static void store(void* data, std::size_t stride) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(data), "r"(stride), "i"(t) : "memory");
  }
};
#endif

// The same without the processor. What faults there ends the process here.
class EmulatedAmx {
 public:
  static void configure(const TileConfig& config) {
    if (config.palette != 1) std::abort();
    state() = {};
    state().config = config;
    state().is_configured = true;
  }
  static void release() { state().is_configured = false; }
  template <int t>
  static void zero() {
    std::memset(tile(t), 0, sizeof(Tile));
  }
  template <int t>
  static void load(const void* data, std::size_t stride) {
    Tile& to = *tile(t);
    std::memset(to, 0, sizeof(Tile));
    for (std::size_t i = 0; i < num_rows(t); ++i)
      std::memcpy(to[i], static_cast<const char*>(data) + i * stride, num_bytes(t));
  }
  template <int t>
  static void load_once(const void* data, std::size_t stride) {
    load<t>(data, stride);
  }
  template <int c, int a, int b>
  static void add_products() {
    static_assert(c != a && c != b && a != b);  // the processor refuses it
    if (num_rows(c) != num_rows(a) || num_bytes(c) != num_bytes(b) || num_bytes(a) != 4 * num_rows(b)) std::abort();
    for (std::size_t m = 0; m < num_rows(a); ++m)
      for (std::size_t n = 0; n < num_bytes(b) / 4; ++n) {
        std::uint32_t sum;
        std::memcpy(&sum, &(*tile(c))[m][4 * n], sizeof sum);
        for (std::size_t k = 0; k < num_bytes(a); ++k)
          sum += static_cast<std::uint32_t>((*tile(a))[m][k] * (*tile(b))[k / 4][4 * n + k % 4]);
        std::memcpy(&(*tile(c))[m][4 * n], &sum, sizeof sum);
      }
  }
  template <int t>
  static void store(void* data, std::size_t stride) {
    for (std::size_t i = 0; i < num_rows(t); ++i)
      std::memcpy(static_cast<char*>(data) + i * stride, (*tile(t))[i], num_bytes(t));
  }

 private:
  using Tile = std::int8_t[kTileRowCount][kTileRowBytes];
  struct State {
    TileConfig config;
    bool is_configured = false;
    Tile tiles[kNumTiles];
  };
  static State& state() {
    thread_local State state{};
    return state;
  }
  static Tile* tile(int t) {
    if (!state().is_configured) std::abort();
    return &state().tiles[t];
  }
  static std::size_t num_rows(int t) { return state().config.rows[t]; }
  static std::size_t num_bytes(int t) { return state().config.row_bytes[t]; }
};

// This thread's tiles, while it lives.
template <class Unit>
struct TileSession {
  TileSession() {
    static constexpr TileConfig config = whole_tiles();
    Unit::configure(config);
  }
  ~TileSession() { Unit::release(); }
  TileSession(const TileSession&) = delete;
  TileSession& operator=(const TileSession&) = delete;
};

// Whether two products of known bytes, the ends of their range among them, are those of plain integers.
template <class Unit>
bool multiplies_right() {
  std::int8_t a[kTileRowCount][kTileRowBytes], b[kTileRowCount][kTileRowBytes];
  std::int32_t found[kTileRowCount][kTileRowCount];
  for (std::size_t i = 0; i < kTileRowCount; ++i)
    for (std::size_t k = 0; k < kTileRowBytes; ++k) {
      a[i][k] = static_cast<std::int8_t>(k < 8 ? -128 : 37 * i + 11 * k);
      b[i][k] = static_cast<std::int8_t>(i < 2 ? (k % 3 ? -128 : 127) : 59 * i - 23 * k);
    }
  const TileSession<Unit> session;
  Unit::template zero<0>();
  Unit::template load_once<1>(a, kTileRowBytes);
  Unit::template load<2>(b, kTileRowBytes);
  Unit::template add_products<0, 1, 2>();
  Unit::template add_products<0, 1, 2>();
  Unit::template store<0>(found, sizeof found[0]);
  for (std::size_t m = 0; m < kTileRowCount; ++m)
    for (std::size_t n = 0; n < kTileRowCount; ++n) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < kTileRowBytes; ++k) sum += 2 * a[m][k] * b[k / 4][4 * n + k % 4];
      if (found[m][n] != sum) return false;
    }
  return true;
}

}  // namespace gw
