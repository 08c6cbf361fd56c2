// The functions defined in elementary.py over arrays, bit for bit; the arithmetic is in native/elementary.h.
#include "native/elementary.h"

#include <algorithm>

#include "native/lanes.h"
#include "native/maps.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

constexpr std::size_t kBlock = 1 << 12;  // numbers a task

template <class Function>
void map_vectors(const MapArgs& args, Function function) {
  for_each_vec_parallel(args.n,
                        [&](std::size_t i, auto part) { part.store(function(part.load(args.x + i)), args.out + i); });
}

template <class Function>
void map_numbers(const MapArgs& args, Function function) {
  parallel_for((args.n + kBlock - 1) / kBlock, [&](std::size_t task) {
    const std::size_t end = std::min(args.n, (task + 1) * kBlock);
    for (std::size_t i = task * kBlock; i < end; ++i) args.out[i] = function(args.x[i]);
  });
}

}  // namespace

void map_exp(const MapArgs& args) {
  map_vectors(args, [](Vec x) { return exp(x); });
}
void map_log(const MapArgs& args) {
  map_vectors(args, [](Vec x) { return log(x); });
}
void map_sigmoid(const MapArgs& args) {
  map_vectors(args, [](Vec x) { return sigmoid(x); });
}
void map_tanh(const MapArgs& args) {
  map_vectors(args, [](Vec x) { return tanh(x); });
}
void map_erf(const MapArgs& args) {
  map_vectors(args, [](Vec x) { return erf(x); });
}
void map_sin(const MapArgs& args) {
  map_numbers(args, [](float x) { return GW_ISA::sin(x); });
}
void map_cos(const MapArgs& args) {
  map_numbers(args, [](float x) { return GW_ISA::cos(x); });
}

}  // namespace gw::GW_ISA
