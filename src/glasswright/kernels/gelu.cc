// The activations defined in gelu.py, bit for bit; the constants and the reasons are there, the names match it.
#include "native/gelu.h"

#include "native/elementary.h"
#include "native/lanes.h"

namespace gw::GW_ISA {
namespace {

constexpr float kSqrtHalf = 0x1.6a09e6p-1f;
constexpr float kDensityAtZero = 0x1.988454p-2f;
constexpr float kLine = 0x1.988454p+0f;
constexpr float kCube = 0x1.2444f2p-4f;
constexpr float kThreeCube = 0x1.b6676cp-3f;

struct ByErf {
  static Vec share(Vec x) {
    const Vec half = Vec::set(0.5f);
    return fma(half, erf(x * Vec::set(kSqrtHalf)), half);
  }
  static Vec slope(Vec x, Vec share) {
    const Vec density = exp((x * x) * Vec::set(-0.5f)) * Vec::set(kDensityAtZero);
    return fma(x, density, share);
  }
};

struct ByTanh {
  static Vec share(Vec x) { return sigmoid(x * fma(x * x, Vec::set(kCube), Vec::set(kLine))); }
  static Vec slope(Vec x, Vec share) {
    const Vec one = Vec::set(1.0f);
    return share * fma(x * (one - share), fma(x * x, Vec::set(kThreeCube), Vec::set(kLine)), one);
  }
};

template <class Curve>
void forward(const GeluArgs& args) {
  for_each_vec_parallel(args.n, [&](std::size_t i, auto part) {
    const Vec x = part.load(args.x + i);
    const Vec passed = x * Curve::share(x);
    part.store(args.up ? passed * part.load(args.up + i) : passed, args.out + i);
  });
}

template <class Curve>
void backward(const GeluBackwardArgs& args) {
  for_each_vec_parallel(args.n, [&](std::size_t i, auto part) {
    const Vec dout = part.load(args.dout + i), x = part.load(args.x + i);
    const Vec share = Curve::share(x), slope = Curve::slope(x, share);
    if (args.up == nullptr) return part.store(dout * slope, args.dx + i);
    const Vec up = part.load(args.up + i);
    part.store(dout * (x * share), args.dup + i);
    part.store((dout * up) * slope, args.dx + i);
  });
}

}  // namespace

void gelu(const GeluArgs& args) { forward<ByErf>(args); }
void gelu_backward(const GeluBackwardArgs& args) { backward<ByErf>(args); }
void gelu_tanh(const GeluArgs& args) { forward<ByTanh>(args); }
void gelu_tanh_backward(const GeluBackwardArgs& args) { backward<ByTanh>(args); }

}  // namespace gw::GW_ISA
