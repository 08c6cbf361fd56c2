// Runs every kernel on inputs that any machine can make, without Python, and prints one line each: name, shape, digest.
//
//   conformance ISA THREADS            digests to compare with golden.txt
//   conformance ISA THREADS changed    the same with one bit of one input of each case changed: every digest differs
//   conformance isas                   the instruction sets of this machine
//
// Inputs are Philox bits: case c takes its arrays from the streams (seed 1, purpose 1000 c + 0, 1, 2, ...). A case at
// the edges, `name@edges`, takes the numbers of kEdges by them. The digest is FNV-1a in 64 bits over the 32-bit words
// of all outputs, every NaN taken as 0x7FC00000.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "adamw.h"
#include "add.h"
#include "attention.h"
#include "bias.h"
#include "embedding.h"
#include "experts.h"
#include "gelu.h"
#include "integer_matmul.h"
#include "layernorm.h"
#include "linear_cross_entropy.h"
#include "maps.h"
#include "matmul.h"
#include "muon.h"
#include "norm_and_clip.h"
#include "philox.h"
#include "pick.h"
#include "pool.h"
#include "rmsnorm.h"
#include "rotary.h"
#include "router.h"
#include "scale.h"
#include "soft_cap.h"
#include "sums.h"
#include "swiglu.h"

namespace {

using Floats = std::vector<float>;
using Sizes = std::vector<std::size_t>;

// High enough to reach a sum of 200,000 squares; at the edges, to turn what is small into what is not.
constexpr std::uint32_t kChangedBit = 1u << 20, kChangedBitOfEdge = 1u << 30;

// Products of the first six underflow, or lie halfway to the smallest number. Every other array is of these alone.
constexpr float kEdges[] = {0.0f,      -0.0f,      0x1p-80f, -0x1p-80f, 0x1p-75f, -0x1p-75f,
                            0x1p-149f, -0x1p-149f, 1.0f,     -1.0f,     0x1p+60f, -0x1p+60f};
constexpr std::uint32_t kNumSmallEdges = 6;

// One kernel on one shape: makes its inputs and prints its line.
class Case {
 public:
  Case(const char* name, Sizes shape) : name_(name), shape_(std::move(shape)), purpose_(1000 * ++num_cases) {}

  // Numbers spread evenly over (-2, 2), or from the edges.
  Floats floats(std::size_t n) {
    if (at_edges) return edges(n);
    Floats x(n);
    const gw::UniformArgs args{1, purpose_++, 2.0f, x.data(), n};
    GW_RUN(uniform, args);
    change(x);
    return x;
  }
  Floats positive(std::size_t n) {
    Floats x = floats(n);
    for (float& value : x) value = std::fabs(value);
    return x;
  }
  // Any of the 2^32 bit patterns.
  Floats patterns(std::size_t n) {
    const std::vector<std::uint32_t> bits = words(n);
    Floats x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = std::bit_cast<float>(bits[i]);
    change(x);
    return x;
  }
  // The same number, but for those from `tail` on.
  Floats constant(std::size_t n, float value, std::size_t tail = SIZE_MAX, float of_tail = 0.0f) {
    Floats x(n, value);
    for (std::size_t i = tail; i < n; ++i) x[i] = of_tail;
    ++purpose_;
    change(x);
    return x;
  }
  std::vector<std::int64_t> ids(std::size_t n, std::size_t end) {
    std::vector<std::int64_t> out(n);
    const std::vector<std::uint32_t> bits = words(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::int64_t>(bits[i] % end);
    return out;
  }

  void digest(const Floats& out) {
    for (const float value : out) add(std::isnan(value) ? 0x7FC00000 : std::bit_cast<std::uint32_t>(value));
  }
  void digest(const std::vector<std::uint32_t>& out) {
    for (const std::uint32_t word : out) add(word);
  }
  void digest(const std::vector<std::int64_t>& out) { digest(std::vector<std::uint32_t>(out.begin(), out.end())); }
  ~Case() {
    std::string shape;
    for (const std::size_t size : shape_) shape += (shape.empty() ? "" : "x") + std::to_string(size);
    std::printf("%s%s %s %016llx\n", name_, at_edges ? "@edges" : "", shape.c_str(),
                static_cast<unsigned long long>(hash_));
  }

  static inline bool is_changed = false, at_edges = false;
  static inline std::uint32_t num_cases = 0;

 private:
  std::vector<std::uint32_t> words(std::size_t n) {
    std::vector<std::uint32_t> out((n + 3) / 4 * 4);
    const gw::PhiloxArgs args{{1, purpose_++}, {0, 0, 0, 0}, out.data(), out.size() / 4};
    GW_RUN(philox, args);
    return out;
  }
  Floats edges(std::size_t n) {
    const std::uint32_t end = purpose_ % 2 == 0 ? kNumSmallEdges : std::size(kEdges);
    Floats x;
    for (const std::uint32_t word : words(n)) x.push_back(kEdges[word % end]);
    x.resize(n);
    change(x);
    return x;
  }
  // Of each case's first array, the last element.
  void change(Floats& x) {
    if (!is_changed || purpose_ % 1000 != 1 || x.empty()) return;
    const std::uint32_t bit = at_edges ? kChangedBitOfEdge : kChangedBit;
    x.back() = std::bit_cast<float>(std::bit_cast<std::uint32_t>(x.back()) ^ bit);
  }
  void add(std::uint32_t word) { hash_ = (hash_ ^ word) * 0x100000001B3; }

  const char* name_;
  Sizes shape_;
  std::uint32_t purpose_;
  std::uint64_t hash_ = 0xCBF29CE484222325;
};

template <class Kernel>
void map(const char* name, std::size_t n, Kernel kernel) {
  Case c(name, {n});
  for (const Floats& x : {c.positive(n), c.patterns(n)}) {
    Floats out(n);
    kernel(gw::MapArgs{x.data(), out.data(), n});
    c.digest(out);
  }
}

void elementary(std::size_t n) {
  map("exp", n, [](const gw::MapArgs& args) { GW_RUN(map_exp, args); });
  map("log", n, [](const gw::MapArgs& args) { GW_RUN(map_log, args); });
  map("sin", n, [](const gw::MapArgs& args) { GW_RUN(map_sin, args); });
  map("cos", n, [](const gw::MapArgs& args) { GW_RUN(map_cos, args); });
  map("sigmoid", n, [](const gw::MapArgs& args) { GW_RUN(map_sigmoid, args); });
  map("tanh", n, [](const gw::MapArgs& args) { GW_RUN(map_tanh, args); });
}

void error_function(std::size_t n) {
  map("erf", n, [](const gw::MapArgs& args) { GW_RUN(map_erf, args); });
}

void add(std::size_t n) {
  Case c("add", {n});
  const Floats a = c.floats(n), b = c.floats(n);
  Floats out(n);
  const gw::AddArgs args{a.data(), b.data(), out.data(), n};
  GW_RUN(add, args);
  c.digest(out);
}

void sums(std::size_t n) {
  Floats out(1);
  {
    Case c("ordered_sum", {n});
    const Floats x = c.floats(n);
    const gw::SumArgs args{x.data(), out.data(), n};
    GW_RUN(ordered_sum_of, args);
    c.digest(out);
  }
  Case c("sum_of_squares", {n});
  const Floats x = c.floats(n);
  const gw::SumArgs args{x.data(), out.data(), n};
  GW_RUN(sum_of_squares, args);
  c.digest(out);
}

void rmsnorm(std::size_t rows, std::size_t width) {
  const std::size_t n = rows * width;
  Floats sum(n), out(n), rstd(rows), dgain(width);
  {
    Case c("add_rmsnorm", {rows, width});
    const Floats x = c.floats(n), delta = c.floats(n), gain = c.floats(width);
    const gw::RmsnormArgs args{x.data(),   delta.data(), gain.data(), 0x1p-17f, sum.data(),
                               out.data(), rstd.data(),  rows,        width};
    GW_RUN(rmsnorm, args);
    c.digest(sum), c.digest(out), c.digest(rstd);
  }
  Case c("add_rmsnorm_backward", {rows, width});
  const Floats dout = c.floats(n), dsum = c.floats(n), gain = c.floats(width);
  const gw::RmsnormBackwardArgs args{dsum.data(), dout.data(),  sum.data(), gain.data(), rstd.data(),
                                     out.data(),  dgain.data(), rows,       width};
  GW_RUN(rmsnorm_backward, args);
  c.digest(out), c.digest(dgain);
}

void rotary(std::size_t rows, std::size_t heads, std::size_t positions, std::size_t pairs) {
  Case c("rotary", {rows, heads, positions, 2 * pairs});
  const std::size_t n = rows * heads * 2 * pairs;
  const Floats x = c.floats(n), frequency = c.positive(pairs);
  Floats cos(positions * pairs), sin(positions * pairs), out(n), dx(n);
  const gw::RotaryTableArgs table{frequency.data(), 1000, cos.data(), sin.data(), positions, pairs};
  GW_RUN(rotary_table, table);
  const gw::RotaryArgs forward{x.data(), cos.data(), sin.data(), out.data(), rows, heads, 2 * pairs, positions, pairs};
  GW_RUN(rotary, forward);
  const gw::RotaryArgs backward{x.data(), cos.data(), sin.data(), dx.data(), rows, heads, 2 * pairs, positions, pairs};
  GW_RUN(rotary_backward, backward);
  c.digest(cos), c.digest(sin), c.digest(out), c.digest(dx);
}

// Pairs of neighbours and of halves, in heads of which `copied` channels are not turned.
void partial_rotary(std::size_t rows, std::size_t heads, std::size_t positions, std::size_t pairs, std::size_t copied) {
  Case c("partial_rotary", {rows, heads, positions, 2 * pairs, copied});
  const std::size_t width = 2 * pairs + copied, n = rows * heads * width;
  const Floats x = c.floats(n), cos = c.floats(positions * pairs), sin = c.floats(positions * pairs);
  const auto run = [&](auto kernel) {
    Floats out(n);
    kernel(gw::RotaryArgs{x.data(), cos.data(), sin.data(), out.data(), rows, heads, width, positions, pairs});
    c.digest(out);
  };
  run([](const gw::RotaryArgs& args) { GW_RUN(rotary, args); });
  run([](const gw::RotaryArgs& args) { GW_RUN(rotary_backward, args); });
  run([](const gw::RotaryArgs& args) { GW_RUN(rotary_interleaved, args); });
  run([](const gw::RotaryArgs& args) { GW_RUN(rotary_interleaved_backward, args); });
}

void swiglu(std::size_t rows, std::size_t width) {
  Case c("swiglu", {rows, width});
  const std::size_t n = rows * width;
  const Floats gate = c.floats(n), up = c.floats(n), dout = c.floats(n);
  Floats out(n), dgate(n), dup(n);
  const gw::SwigluArgs forward{gate.data(), up.data(), out.data(), n};
  GW_RUN(swiglu, forward);
  const gw::SwigluBackwardArgs backward{dout.data(), gate.data(), up.data(), dgate.data(), dup.data(), n};
  GW_RUN(swiglu_backward, backward);
  c.digest(out), c.digest(dgate), c.digest(dup);
}

template <class Run, class RunBackward>
void gelu(const char* name, std::size_t rows, std::size_t width, Run run, RunBackward run_backward) {
  Case c(name, {rows, width});
  const std::size_t n = rows * width;
  const Floats x = c.floats(n), up = c.floats(n), dout = c.floats(n);
  Floats out(n), dx(n), dup(n);
  run(gw::GeluArgs{x.data(), nullptr, out.data(), n}), c.digest(out);
  run(gw::GeluArgs{x.data(), up.data(), out.data(), n}), c.digest(out);
  run_backward(gw::GeluBackwardArgs{dout.data(), x.data(), nullptr, dx.data(), nullptr, n}), c.digest(dx);
  run_backward(gw::GeluBackwardArgs{dout.data(), x.data(), up.data(), dx.data(), dup.data(), n});
  c.digest(dx), c.digest(dup);
}

void gelus(std::size_t rows, std::size_t width) {
  gelu(
      "gelu", rows, width, [](const gw::GeluArgs& args) { GW_RUN(gelu, args); },
      [](const gw::GeluBackwardArgs& args) { GW_RUN(gelu_backward, args); });
  gelu(
      "gelu_tanh", rows, width, [](const gw::GeluArgs& args) { GW_RUN(gelu_tanh, args); },
      [](const gw::GeluBackwardArgs& args) { GW_RUN(gelu_tanh_backward, args); });
}

void embedding(std::size_t rows, std::size_t tokens, std::size_t width) {
  Case c("embedding", {rows, tokens, width});
  const Floats dout = c.floats(rows * width), table = c.floats(tokens * width);
  const std::vector<std::int64_t> token = c.ids(rows, tokens);
  Floats out(rows * width), dtable(tokens * width);
  const gw::EmbeddingArgs forward{table.data(), token.data(), out.data(), rows, width};
  GW_RUN(embedding, forward);
  const gw::EmbeddingBackwardArgs backward{dout.data(), token.data(), dtable.data(), rows, tokens, width};
  GW_RUN(embedding_backward, backward);
  c.digest(out), c.digest(dtable);
}

void adamw(std::size_t n) {
  Case c("adamw", {n});
  const Floats grad = c.floats(n);
  Floats param = c.floats(n), first = c.floats(n), second = c.positive(n);
  const gw::AdamwArgs args{param.data(), grad.data(),     first.data(), second.data(), 0.7f,      0.003f, 0.9f,
                           0.95f,        0x1.5798eep-27f, 0.1f,         0.271f,        0.142625f, n};
  GW_RUN(adamw, args);
  c.digest(param), c.digest(first), c.digest(second);
}

void muon(std::size_t m, std::size_t n, bool by_integers = false) {
  Case c(by_integers ? "integer_muon" : "muon", {m, n});
  const Floats grad = c.floats(m * n);
  Floats param = c.floats(m * n), momentum = c.floats(m * n);
  const gw::MuonArgs args{param.data(), grad.data(), momentum.data(), 0.7f, 0.02f, 0.95f, 0.1f, m, n, by_integers};
  GW_RUN(muon, args);
  c.digest(param), c.digest(momentum);
}

void random_bits(std::size_t n) {
  const std::uint64_t seed = Case::is_changed ? 2 : 1;
  {
    Case c("uniform", {n});
    Floats out(n);
    const gw::UniformArgs args{seed, 5, 0.3f, out.data(), n};
    GW_RUN(uniform, args);
    c.digest(out);
  }
  Case c("permutation", {n});
  std::vector<std::int64_t> order(n);
  const gw::PermutationArgs args{seed, 5, 7, order.data(), n};
  GW_RUN(permutation, args);
  c.digest(std::vector<std::uint32_t>(order.begin(), order.end()));
}

void norm_and_clip(std::size_t n) {
  Case c("norm_and_clip", {n});
  const Floats squares = c.positive(n);
  Floats out(2);
  const gw::NormAndClipArgs args{squares.data(), 0.7f, out.data(), n};
  GW_RUN(norm_and_clip, args);
  c.digest(out);
}

void scale(std::size_t n) {
  Case c("scale", {n});
  const Floats x = c.floats(n);
  Floats out(n);
  const gw::ScaleArgs args{x.data(), 0.7f, out.data(), n};
  GW_RUN(scale, args);
  c.digest(out);
}

void soft_cap(std::size_t n) {
  Case c("soft_cap", {n});
  const Floats x = c.floats(n);
  Floats out(n);
  const gw::SoftCapArgs args{x.data(), 0.7f, out.data(), n};
  GW_RUN(soft_cap, args);
  c.digest(out);
}

// Twenty fractions at each temperature.
void pick(std::size_t n) {
  Case c("pick", {n});
  const Floats twice = c.positive(20), logits = c.floats(n);
  std::vector<std::uint32_t> tokens;
  for (const float temperature : {0.0f, 0.1f, 1.0f})
    for (const float fraction : twice) {
      std::size_t token = 0;
      const gw::PickArgs args{logits.data(), temperature, 0.5f * fraction, &token, n};
      GW_RUN(pick, args);
      tokens.push_back(static_cast<std::uint32_t>(token));
    }
  c.digest(tokens);
}

void matmul(std::size_t m, std::size_t n, std::size_t k) {
  const auto run = [&](const char* name, gw::Layout layout) {
    Case c(name, {m, n, k});
    const Floats a = c.floats(m * k), b = c.floats(n * k);
    Floats out(m * n);
    const gw::MatmulArgs args{a.data(), b.data(), out.data(), m, n, k, layout};
    GW_RUN(matmul, args);
    c.digest(out);
  };
  run("matmul_nt", gw::Layout::nt);
  run("matmul_nn", gw::Layout::nn);
  run("matmul_tn", gw::Layout::tn);
}

bool are_same(const Floats& a, const Floats& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y) || (std::isnan(x) && std::isnan(y));
  });
}

void integer_matmul(std::size_t m, std::size_t n, std::size_t k) {
  const auto run = [&](const char* name, gw::Layout layout) {
    Case c(name, {m, n, k});
    const Floats a = c.floats(m * k), b = c.floats(n * k);
    Floats plain(m * n), odd;
    for (const gw::ByteUnit unit : gw::kByteUnits) {
      if (!gw::byte_unit_supported(unit)) continue;
      gw::set_byte_unit(unit);
      Floats out(m * n);
      const gw::MatmulArgs args{a.data(), b.data(), out.data(), m, n, k, layout};
      GW_RUN(integer_matmul, args);
      if (unit == gw::ByteUnit::none) plain = odd = out;
      if (!are_same(out, plain)) odd = out;
    }
    gw::set_byte_unit(std::nullopt);
    c.digest(plain), c.digest(odd);  // the latter one that differs, if one does: every machine has other units
  };
  run("integer_matmul_nt", gw::Layout::nt);
  run("integer_matmul_nn", gw::Layout::nn);
  run("integer_matmul_tn", gw::Layout::tn);
}

void integer_linear_cross_entropy(std::size_t rows, std::size_t vocabulary, std::size_t width) {
  Case c("integer_linear_cross_entropy", {rows, vocabulary, width});
  const Floats x = c.floats(rows * width), weight = c.floats(vocabulary * width);
  const std::vector<std::int64_t> target = c.ids(rows, vocabulary);
  Floats loss(rows), dx(rows * width), dweight(vocabulary * width);
  const gw::LinearCrossEntropyArgs args{x.data(),  weight.data(),  target.data(), 0.01f,      0.0f,  loss.data(),
                                        dx.data(), dweight.data(), rows,          vocabulary, width, true};
  GW_RUN(linear_cross_entropy, args);
  c.digest(loss), c.digest(dx), c.digest(dweight);
}

void linear_cross_entropy(std::size_t rows, std::size_t vocabulary, std::size_t width, float soft_cap = 0.0f) {
  Case c(soft_cap == 0.0f ? "linear_cross_entropy" : "capped_linear_cross_entropy", {rows, vocabulary, width});
  const Floats x = c.floats(rows * width), weight = c.floats(vocabulary * width);
  std::vector<std::int64_t> target = c.ids(rows, vocabulary);
  target[0] = gw::kNotCounted;
  Floats loss(rows), dx(rows * width), dweight(vocabulary * width);
  const gw::LinearCrossEntropyArgs args{x.data(),  weight.data(),  target.data(), 0.01f,      soft_cap, loss.data(),
                                        dx.data(), dweight.data(), rows,          vocabulary, width};
  GW_RUN(linear_cross_entropy, args);
  c.digest(loss), c.digest(dx), c.digest(dweight);
}

void attention(const gw::AttentionShape& s, const gw::AttentionRule& rule, Case& c) {
  const std::size_t num_q = s.S * s.T * s.H * s.E, num_k = s.S * s.U * s.G * s.E;
  const std::size_t num_out = s.S * s.T * s.H * s.F, num_v = s.S * s.U * s.G * s.F;
  const Floats q = c.floats(num_q), k = c.floats(num_k), v = c.floats(num_v), dout = c.floats(num_out);
  Floats out(num_out), logsumexp(s.S * s.H * s.T), dq(num_q), dk(num_k), dv(num_v);
  const gw::AttentionArgs forward{q.data(), k.data(), v.data(), rule, out.data(), logsumexp.data(), s};
  GW_RUN(attention, forward);
  c.digest(out), c.digest(logsumexp);
  if (s.T != s.U) return;
  const gw::AttentionBackwardArgs backward{dout.data(), q.data(),  k.data(),  v.data(),  out.data(), logsumexp.data(),
                                           rule,        dq.data(), dk.data(), dv.data(), s};
  GW_RUN(attention_backward, backward);
  c.digest(dq), c.digest(dk), c.digest(dv);
}

void layernorm(std::size_t rows, std::size_t width) {
  const std::size_t n = rows * width;
  Floats sum(n), out(n), mean(rows), rstd(rows), dgain(width), dbias(width);
  {
    Case c("add_layernorm", {rows, width});
    const Floats x = c.floats(n), delta = c.floats(n), gain = c.floats(width), bias = c.floats(width);
    const gw::LayernormArgs args{x.data(),   delta.data(), gain.data(), bias.data(), 0x1p-17f, sum.data(),
                                 out.data(), mean.data(),  rstd.data(), rows,        width};
    GW_RUN(layernorm, args);
    c.digest(sum), c.digest(out), c.digest(mean), c.digest(rstd);
  }
  Case c("add_layernorm_backward", {rows, width});
  const Floats dout = c.floats(n), dsum = c.floats(n), gain = c.floats(width);
  const gw::LayernormBackwardArgs args{dsum.data(), dout.data(),  sum.data(),   gain.data(), mean.data(), rstd.data(),
                                       out.data(),  dgain.data(), dbias.data(), rows,        width};
  GW_RUN(layernorm_backward, args);
  c.digest(out), c.digest(dgain), c.digest(dbias);
}

void bias(std::size_t rows, std::size_t width) {
  Case c("add_bias", {rows, width});
  const Floats x = c.floats(rows * width), added = c.floats(width);
  Floats out(rows * width), dbias(width);
  const gw::AddBiasArgs forward{x.data(), added.data(), out.data(), rows, width};
  GW_RUN(add_bias, forward);
  const gw::BiasGradientArgs backward{x.data(), dbias.data(), rows, width};
  GW_RUN(bias_gradient, backward);
  c.digest(out), c.digest(dbias);
}

void attention(const gw::AttentionShape& s) {
  Case c("attention", {s.S, s.T, s.U, s.H, s.G, s.E});
  attention(s, {0.25f, 0, 0.0f}, c);
}

void windowed_attention(const gw::AttentionShape& s, std::size_t window) {
  Case c("attention_window_cap", {s.S, s.T, s.U, s.H, s.G, s.E, s.F, window});
  attention(s, {0.25f, window, 2.0f}, c);
}

// Both ways to score, with groups and without; the gradient by way of the experts that were chosen.
void router(std::size_t rows, std::size_t groups, std::size_t experts, std::size_t chosen) {
  const auto run = [&](const char* name, bool is_sigmoid) {
    Case c(name, {rows, groups, experts, chosen});
    const Floats logits = c.floats(rows * experts), bias = c.floats(experts), dweight = c.floats(rows * chosen);
    Floats score(rows * experts), weight(rows * chosen), dlogits(rows * experts);
    std::vector<std::int64_t> expert(rows * chosen);
    const std::size_t kept = (groups + 1) / 2;
    const bool is_normalized = rows % 2 == 1;
    const gw::RouterArgs forward{logits.data(), is_sigmoid ? bias.data() : nullptr,
                                 groups,        kept,
                                 is_normalized, 2.5f,
                                 score.data(),  expert.data(),
                                 weight.data(), rows,
                                 experts,       chosen};
    const gw::RouterBackwardArgs backward{dweight.data(), score.data(), expert.data(), is_normalized, 2.5f,
                                          dlogits.data(), rows,         experts,       chosen};
    if (is_sigmoid) {
      GW_RUN(sigmoid_router, forward);
      GW_RUN(sigmoid_router_backward, backward);
    } else {
      GW_RUN(softmax_router, forward);
      GW_RUN(softmax_router_backward, backward);
    }
    c.digest(score), c.digest(expert), c.digest(weight), c.digest(dlogits);
  };
  run("softmax_router", false);
  run("sigmoid_router", true);
}

void experts(std::size_t rows, std::size_t width) {
  Case c("combine", {rows, width});
  const std::size_t pairs = 2 * rows;
  const Floats y = c.floats(pairs * width), weight = c.floats(pairs), dout = c.floats(rows * width);
  std::vector<std::int64_t> expert = c.ids(pairs, 5), place(pairs), row(pairs), count(10);
  for (std::size_t r = 0; r < rows; ++r) expert[2 * r + 1] += 5;
  Floats out(rows * width), dy(pairs * width), dweight(pairs);
  const gw::DispatchArgs sort{expert.data(), place.data(), row.data(), count.data(), rows, 2, 10};
  GW_RUN(dispatch, sort);
  const gw::CombineArgs forward{y.data(), place.data(), weight.data(), out.data(), rows, 2, width};
  GW_RUN(combine, forward);
  const gw::CombineBackwardArgs backward{dout.data(), y.data(), place.data(), weight.data(), dy.data(), dweight.data(),
                                         rows,        2,        width};
  GW_RUN(combine_backward, backward);
  c.digest(place), c.digest(row), c.digest(count), c.digest(out), c.digest(dy), c.digest(dweight);
}

// Lanes that go from +0 to -0 with their first term and stay there; dx shows the sign of their sum.
void underflowed_negative_products(std::size_t width) {
  Case c("rmsnorm_backward", {1, width});
  const Floats dout = c.constant(width, -0x1p-80f, 64, -0.0f), x = c.constant(width, 0x1p-80f);
  const Floats gain = c.constant(width, 1.0f), rstd = c.constant(1, 1.0f);
  Floats dx(width), dgain(width);
  const gw::RmsnormBackwardArgs args{nullptr,   dout.data(),  x.data(), gain.data(), rstd.data(),
                                     dx.data(), dgain.data(), 1,        width};
  GW_RUN(rmsnorm_backward, args);
  c.digest(dx), c.digest(dgain);
}

// Numbered from 1000, so that a new case before them moves none of their inputs.
void run_at_edges() {
  Case::at_edges = true;
  Case::num_cases = 1000;
  for (const std::size_t n : {5, 69, 131}) {
    elementary(n), add(n), sums(n), adamw(n);
    rmsnorm(3, n), swiglu(3, n), embedding(7, 5, n), rotary(6, 2, 3, n);
    matmul(n, 7, 5), matmul(5, n, 7), matmul(7, 5, n);
    linear_cross_entropy(3, n, 5), linear_cross_entropy(n, 5, 7);
    attention({1, 3, n, 2, 1, 7, 7}), attention({1, n, n, 2, 1, 5, 5}), attention({1, 4, 4, 2, 2, n, n});
    underflowed_negative_products(n);
  }
  muon(5, 9), muon(9, 69);
}

// Numbered from 2000, for the same reason.
void run_windows() {
  Case::num_cases = 2000;
  for (const bool edges : {false, true}) {
    Case::at_edges = edges;
    windowed_attention({1, 3, 150, 2, 1, 32, 20}, 70), windowed_attention({1, 150, 150, 4, 2, 20, 33}, 5);
    windowed_attention({1, 150, 150, 2, 2, 7, 5}, 66);
  }
}

// Numbered from 3000: see run_at_edges.
void run_norms_and_activations() {
  Case::at_edges = false;
  Case::num_cases = 3000;
  for (const std::size_t rows : {1, 37, 700}) layernorm(rows, 67), bias(rows, 67);
  for (const std::size_t n : {1, 17, 1000, 20011}) error_function(n), soft_cap(n);
  for (const std::size_t rows : {1, 37}) gelus(rows, 67);
  partial_rotary(6, 2, 3, 5, 3), partial_rotary(64, 4, 32, 32, 64);
  linear_cross_entropy(3, 5, 8, 0.7f), linear_cross_entropy(530, 70, 33, 0.7f);
  Case::at_edges = true;
  for (const std::size_t n : {5, 69, 131}) {
    layernorm(3, n), bias(3, n);
    error_function(n), gelus(3, n), soft_cap(n);
    partial_rotary(6, 2, 3, n, 3), linear_cross_entropy(3, n, 5, 0.7f);
  }
}

// Numbered from 10000: see run_at_edges.
void run_mixtures() {
  Case::at_edges = false;
  Case::num_cases = 10000;
  router(1, 1, 8, 2), router(37, 4, 64, 6), router(300, 8, 256, 8);
  experts(1, 33), experts(37, 67), experts(700, 256);
  Case::at_edges = true;
  for (const std::size_t n : {5, 69, 131}) router(3, 1, n, 2), experts(3, n);
}

// Numbered from 20000: see run_at_edges.
void run_version_2() {
  Case::at_edges = false;
  Case::num_cases = 20000;
  integer_matmul(1, 1, 1), integer_matmul(17, 33, 65), integer_matmul(70, 130, 1100);
  integer_linear_cross_entropy(3, 5, 8), integer_linear_cross_entropy(530, 70, 33);
  Case::at_edges = true;
  for (const std::size_t n : {5, 69, 131}) {
    integer_matmul(n, 7, 5), integer_matmul(5, n, 7), integer_matmul(7, 5, n);
    integer_linear_cross_entropy(3, n, 5);
  }
  Case::at_edges = false;
  integer_linear_cross_entropy(3, 70, 20011);  // so wide that some logits are far below the largest
  muon(8, 8, true), muon(40, 24, true), muon(24, 65, true), muon(300, 530, true);
  Case::at_edges = true;
  muon(5, 9, true), muon(9, 69, true);
}

void run_all() {
  for (const std::size_t n : {1, 17, 1000, 20011}) elementary(n), add(n), sums(n), adamw(n);
  for (const std::size_t n : {5, 20011}) random_bits(n);
  sums(200003);
  for (const std::size_t rows : {1, 37, 700}) rmsnorm(rows, 67), swiglu(rows, 67), embedding(rows, 50, 33);
  rmsnorm(5, 256);
  rotary(6, 2, 3, 5), rotary(64, 4, 32, 32);
  matmul(1, 1, 1), matmul(17, 33, 65), matmul(70, 130, 1100);
  linear_cross_entropy(3, 5, 8), linear_cross_entropy(530, 70, 33);
  muon(8, 8), muon(40, 24), muon(24, 65);
  attention({1, 1, 1, 1, 1, 8, 8}), attention({2, 37, 37, 4, 2, 16, 16}), attention({1, 3, 150, 2, 1, 32, 32});
  attention({1, 150, 150, 2, 2, 32, 32});
  for (const std::size_t n : {1, 17, 1000}) norm_and_clip(n), scale(n);
  for (const std::size_t n : {1000, 4001}) pick(n);
  run_at_edges();
  run_windows();
  run_norms_and_activations();
  run_mixtures();
  run_version_2();
}

bool use_isa(const std::string& name) {
#define GW_USE(isa)                                      \
  if (name == #isa && gw::isa_supported(gw::Isa::isa)) { \
    gw::set_isa(gw::Isa::isa);                           \
    return true;                                         \
  }
  GW_FOR_EACH_ISA(GW_USE)
#undef GW_USE
  return false;
}

void print_isas() {
#define GW_PRINT(isa) \
  if (gw::isa_supported(gw::Isa::isa)) std::puts(#isa);
  GW_FOR_EACH_ISA(GW_PRINT)
#undef GW_PRINT
}

}  // namespace

int main(int num_arguments, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + num_arguments);
  if (words.size() == 1 && words[0] == "isas") {
    print_isas();
    return 0;
  }
  if (words.size() == 2 && words[1] == "units" && use_isa(words[0])) {
    for (const gw::ByteUnit unit : gw::kByteUnits)
      if (gw::byte_unit_supported(unit)) std::puts(gw::byte_unit_name(unit));
    return 0;
  }
  if (words.size() < 2 || !use_isa(words[0])) {
    std::fputs("usage: conformance ISA THREADS [changed], or: conformance isas, or: conformance ISA units\n", stderr);
    return 2;
  }
  gw::set_num_threads(std::atoi(words[1].c_str()));
  Case::is_changed = words.size() > 2;
  run_all();
}
