// A GPU of one core, for tests: CUDA kernels compiled as C++ and run thread by thread.
//
// The threads of a block are fibers with a stack each. A fiber runs until it meets a barrier, of its warp or its block,
// or ends; then the next one does, in an order that the caller chooses: a kernel whose bits depend on the order has a
// race. Shared memory lies in a section of its own and is filled with poison before each block. What a block may not do
// (wait at a barrier that others have left, shuffle with a lane that has ended) ends the process with the reason.
#pragma once

#include <bit>
#include <cmath>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include <ucontext.h>

#define __global__
#define __launch_bounds__(...)
#define __shared__ static __attribute__((section("gw_shared")))

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};

namespace emulation {

struct Three {
  unsigned x = 0, y = 0, z = 0;
};

[[noreturn]] inline void fail(const char* what) {
  std::fprintf(stderr, "emulated GPU: %s\n", what);
  std::abort();
}

constexpr int kLanes = 32;
constexpr std::size_t kStack = 1 << 17, kWords = 8;
constexpr unsigned char kPoison = 0xFF;  // NaN as a float

enum class State { ready, at_warp, at_block, ended };

struct Fiber {
  ucontext_t start;
  std::jmp_buf at;
  bool has_begun = false;
  State state = State::ready;
  unsigned number = 0;
  int num_exchanges = 0;
  char* stack = nullptr;  // kept as long as the process; <memory> would be a third of the compiling
};

// What the lanes of a warp exchange: two sets of words, because a lane may be one exchange ahead of another.
struct Warp {
  std::uint32_t word[2][kLanes][kWords];
};

struct Block {
  std::vector<Fiber> fibers;
  std::vector<Warp> warps;
  std::jmp_buf scheduler;
  Fiber* running = nullptr;
  void (*body)(void*) = nullptr;
  void* kernel = nullptr;
};
inline Block block;

inline void wait(State state) {
  Fiber& fiber = *block.running;
  fiber.state = state;
  if (_setjmp(fiber.at) == 0) _longjmp(block.scheduler, 1);
}

inline void fiber_main() {
  block.body(block.kernel);
  block.running->state = State::ended;
  _longjmp(block.scheduler, 1);
}

}  // namespace emulation

inline emulation::Three threadIdx, blockIdx, blockDim, gridDim;

namespace emulation {

inline void resume(Fiber& fiber) {
  block.running = &fiber;
  threadIdx.x = fiber.number;
  if (_setjmp(block.scheduler) != 0) return;
  if (fiber.has_begun) _longjmp(fiber.at, 1);
  fiber.has_begun = true;
  getcontext(&fiber.start);
  fiber.start.uc_stack.ss_sp = fiber.stack;
  fiber.start.uc_stack.ss_size = kStack;
  fiber.start.uc_link = nullptr;
  makecontext(&fiber.start, fiber_main, 0);
  setcontext(&fiber.start);
}

// 0 to n - 1: ascending, descending, or mixed by a number.
inline std::vector<unsigned> places(unsigned n, unsigned order) {
  std::vector<unsigned> place(n);
  for (unsigned i = 0; i < n; ++i) place[i] = order == 1 ? n - 1 - i : i;
  std::uint64_t random = order;
  for (unsigned i = n; order > 1 && i > 1; --i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    std::swap(place[i - 1], place[(random >> 33) % i]);
  }
  return place;
}

inline bool all_are(unsigned first, unsigned count, State state) {
  for (unsigned i = first; i < first + count; ++i)
    if (block.fibers[i].state != state) return false;
  return true;
}
inline void release(unsigned first, unsigned count) {
  for (unsigned i = first; i < first + count; ++i) block.fibers[i].state = State::ready;
}

// A warp until its lanes have ended or wait for the other warps.
inline void run_warp(unsigned warp, const std::vector<unsigned>& lanes) {
  const unsigned first = warp * kLanes;
  for (;;) {
    for (unsigned lane : lanes)
      if (block.fibers[first + lane].state == State::ready) resume(block.fibers[first + lane]);
    if (!all_are(first, kLanes, State::at_warp)) break;
    release(first, kLanes);
  }
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (block.fibers[first + lane].state == State::at_warp) fail("a warp's lanes met at different barriers, or left");
}

extern "C" char __start_gw_shared[] __attribute__((weak, visibility("hidden")));
extern "C" char __stop_gw_shared[] __attribute__((weak, visibility("hidden")));

inline void run_block(unsigned order) {
  const unsigned num_threads = blockDim.x, num_warps = num_threads / kLanes;
  if (__start_gw_shared != nullptr) std::memset(__start_gw_shared, kPoison, __stop_gw_shared - __start_gw_shared);
  for (unsigned i = 0; i < num_threads; ++i) {
    Fiber& fiber = block.fibers[i];
    fiber.has_begun = false, fiber.state = State::ready, fiber.number = i, fiber.num_exchanges = 0;
  }
  std::memset(block.warps.data(), kPoison, num_warps * sizeof(Warp));
  const auto warps = places(num_warps, order), lanes = places(kLanes, order);
  for (;;) {
    for (unsigned warp : warps) run_warp(warp, lanes);
    if (all_are(0, num_threads, State::ended)) return;
    if (!all_are(0, num_threads, State::at_block)) fail("some threads of a block have left a barrier that others met");
    release(0, num_threads);
  }
}

template <class... Parameters>
void launch(void (*kernel)(Parameters...), void** arguments, const unsigned* shape, unsigned order) {
  gridDim = {shape[0], shape[1], 1};
  blockDim = {shape[2], 1, 1};
  if (blockDim.x % kLanes != 0 || blockDim.x > 1024) fail("a block is no number of whole warps up to 1024 threads");
  const auto call = [&]<std::size_t... i>(std::index_sequence<i...>) {
    kernel(*static_cast<Parameters*>(arguments[i])...);
  };
  auto body = [&] { call(std::index_sequence_for<Parameters...>()); };
  block.kernel = &body;
  block.body = [](void* it) { (*static_cast<decltype(body)*>(it))(); };
  while (block.fibers.size() < blockDim.x) block.fibers.emplace_back().stack = new char[kStack];
  block.warps.resize(block.fibers.size() / kLanes);
  for (unsigned i : places(gridDim.x * gridDim.y, order)) {
    blockIdx = {i % gridDim.x, i / gridDim.x, 0};
    run_block(order);
  }
}

inline int lane() { return static_cast<int>(threadIdx.x % kLanes); }

// Every lane gives words and then sees those of all lanes.
template <std::size_t kNum>
inline const std::uint32_t (*exchange(const std::uint32_t (&own)[kNum])) [kWords] {
  static_assert(kNum <= kWords);
  const int set = block.running->num_exchanges++ % 2;
  auto& words = block.warps[threadIdx.x / kLanes].word[set];
  std::memcpy(words[lane()], own, sizeof own);
  wait(State::at_warp);
  return words;
}

// As the PTX ISA lays out the operands of mma.m16n8k32 over the lanes of a warp.
inline void add_bytes(int (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  const auto words = exchange<6>({a[0], a[1], a[2], a[3], b[0], b[1]});
  const auto byte = [](std::uint32_t word, int i) {
    return static_cast<int>(static_cast<signed char>(word >> (8 * i)));
  };
  for (int i = 0; i < 4; ++i) {
    const int row = lane() / 4 + i / 2 * 8, column = lane() % 4 * 2 + i % 2;
    for (int k = 0; k < 32; ++k) {
      const std::uint32_t a_word = words[row % 8 * 4 + k % 16 / 4][k / 16 * 2 + row / 8];
      const std::uint32_t b_word = words[column * 4 + k % 16 / 4][4 + k / 16];
      c[i] += byte(a_word, k % 4) * byte(b_word, k % 4);
    }
  }
}

}  // namespace emulation

inline void __syncthreads() { emulation::wait(emulation::State::at_block); }
inline void __syncwarp() { emulation::wait(emulation::State::at_warp); }

template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int distance) {
  if (mask != 0xFFFFFFFFu) emulation::fail("a shuffle among some lanes only");
  const auto words = emulation::exchange<1>({std::bit_cast<std::uint32_t>(value)});
  return std::bit_cast<T>(words[emulation::lane() ^ distance][0]);
}
inline unsigned __ballot_sync(unsigned mask, bool is_true) {
  if (mask != 0xFFFFFFFFu) emulation::fail("a ballot among some lanes only");
  const auto words = emulation::exchange<1>({std::uint32_t{is_true}});
  unsigned bits = 0;
  for (int lane = 0; lane < emulation::kLanes; ++lane) bits |= words[lane][0] << lane;
  return bits;
}
inline std::size_t computed_here(std::size_t x) { return x; }
inline int __popc(unsigned x) { return std::popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
