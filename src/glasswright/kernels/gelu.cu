// The activations defined in gelu.py, bit for bit; the constants and the reasons are there, the names match it.
#include "cuda/thread.h"

namespace gw::GW_ISA {

constexpr float kSqrtHalf = 0x1.6a09e6p-1f;
constexpr float kDensityAtZero = 0x1.988454p-2f;
constexpr float kLine = 0x1.988454p+0f;
constexpr float kCube = 0x1.2444f2p-4f;
constexpr float kThreeCube = 0x1.b6676cp-3f;

struct ByErf {
  static float share(float x) { return std::fma(0.5f, erf(x * kSqrtHalf), 0.5f); }
  static float slope(float x, float share) {
    const float density = exp((x * x) * -0.5f) * kDensityAtZero;
    return std::fma(x, density, share);
  }
};

struct ByTanh {
  static float share(float x) { return sigmoid(x * std::fma(x * x, kCube, kLine)); }
  static float slope(float x, float share) {
    return share * std::fma(x * (1.0f - share), std::fma(x * x, kThreeCube, kLine), 1.0f);
  }
};

template <class Curve>
inline void forward(const float* x, const float* up, float* out, std::size_t n) {
  const std::size_t i = thread_number();
  if (i >= n) return;
  const float passed = x[i] * Curve::share(x[i]);
  out[i] = up == nullptr ? passed : passed * up[i];
}

// Either result may be written over any input.
template <class Curve>
inline void backward(const float* dout, const float* x, const float* up, float* dx, float* dup, std::size_t n) {
  const std::size_t i = thread_number();
  if (i >= n) return;
  const float d = dout[i], x_i = x[i], share = Curve::share(x_i), slope = Curve::slope(x_i, share);
  const float through = up == nullptr ? d : d * up[i];
  if (up != nullptr) dup[i] = d * (x_i * share);
  dx[i] = through * slope;
}

extern "C" __global__ void gelu(const float* x, float* out, std::size_t n) { forward<ByErf>(x, nullptr, out, n); }

extern "C" __global__ void gelu_tanh(const float* x, float* out, std::size_t n) { forward<ByTanh>(x, nullptr, out, n); }

extern "C" __global__ void geglu(const float* gate, const float* up, float* out, std::size_t n) {
  forward<ByErf>(gate, up, out, n);
}

extern "C" __global__ void geglu_tanh(const float* gate, const float* up, float* out, std::size_t n) {
  forward<ByTanh>(gate, up, out, n);
}

extern "C" __global__ void gelu_backward(const float* dout, const float* x, float* dx, std::size_t n) {
  backward<ByErf>(dout, x, nullptr, dx, nullptr, n);
}

extern "C" __global__ void gelu_tanh_backward(const float* dout, const float* x, float* dx, std::size_t n) {
  backward<ByTanh>(dout, x, nullptr, dx, nullptr, n);
}

extern "C" __global__ void geglu_backward(const float* dout, const float* gate, const float* up, float* dgate,
                                          float* dup, std::size_t n) {
  backward<ByErf>(dout, gate, up, dgate, dup, n);
}

extern "C" __global__ void geglu_tanh_backward(const float* dout, const float* gate, const float* up, float* dgate,
                                               float* dup, std::size_t n) {
  backward<ByTanh>(dout, gate, up, dgate, dup, n);
}

}  // namespace gw::GW_ISA
