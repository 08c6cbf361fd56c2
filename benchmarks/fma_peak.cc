// The most fused multiply-adds this core can do: twelve chains in registers, no memory. Prints GFLOP/s.
// Built and run by matmul.py, with the kernels' own vector type for one instruction set.
#include "simd.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

using gw::GW_ISA::Vec;

int main() {
  constexpr int kNumChains = 12, kNumSteps = 1 << 20, kNumRounds = 5;
  double best_seconds = 1e9;
  for (int round = 0; round < kNumRounds; ++round) {
    Vec chain[kNumChains];
    for (Vec& lanes : chain) lanes = Vec::set(1.0f);
    const Vec factor = Vec::set(0.999f);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kNumSteps; ++i) {
#pragma GCC unroll 12
      for (Vec& lanes : chain) {
        lanes = fma(lanes, factor, factor);
        asm volatile("" : "+" GW_REGISTER(lanes.v));  // no step may be dropped or merged with another
      }
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    best_seconds = std::min(best_seconds, seconds.count());
  }
  std::printf("%.1f\n", 2e-9 * kNumChains * kNumSteps * Vec::kLanes / best_seconds);
}
