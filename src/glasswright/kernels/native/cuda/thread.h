// Who computes what on a GPU: an element a thread, or a row a warp. Included only by .cu sources.
//
// Rule 5 in a warp: thread j keeps lanes 2 j and 2 j + 1, which are neighbours in the tree.
#pragma once

#include "elementary.h"

namespace gw::GW_ISA {

constexpr int kWarp = 32;

inline std::size_t thread_number() { return std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; }
inline std::size_t warp_number() { return thread_number() / kWarp; }
inline int lane_number() { return static_cast<int>(threadIdx.x % kWarp); }

inline std::size_t smaller(std::size_t a, std::size_t b) { return a < b ? a : b; }

inline float exp(float x) { return exp(Vec{x}).v; }
inline float log(float x) { return log(Vec{x}).v; }
inline float tanh(float x) { return tanh(Vec{x}).v; }
inline float sigmoid(float x) { return sigmoid(Vec{x}).v; }
inline float erf(float x) { return erf(Vec{x}).v; }

// The tree over 64 lanes. A sum of two numbers commutes exactly, so every thread has the total.
inline float add_lanes(float even, float odd) {
  float sum = even + odd;
  for (int distance = 1; distance < kWarp; distance *= 2) sum = sum + __shfl_xor_sync(0xFFFFFFFFu, sum, distance);
  return sum;
}

// The sum over n terms of a row; lane = step(i, lane) adds term i. Elements that the last step lacks are no terms.
template <class Step>
inline float ordered_fold(std::size_t n, Step step) {
  float even = 0.0f, odd = 0.0f;
  for (std::size_t i = 2 * lane_number(); i < n; i += 2 * kWarp) {
    even = step(i, even);
    if (i + 1 < n) odd = step(i + 1, odd);
  }
  return add_lanes(even, odd);
}

inline float ordered_dot(const float* a, const float* b, std::size_t n) {
  return ordered_fold(n, [&](std::size_t i, float lane) { return std::fma(a[i], b[i], lane); });
}

// body(i) for the elements of a row, shared out among the threads of a warp.
template <class Body>
inline void for_each_in_row(std::size_t n, Body body) {
  for (std::size_t i = lane_number(); i < n; i += kWarp) body(i);
}

}  // namespace gw::GW_ISA
