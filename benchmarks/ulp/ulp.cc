// Tries all 2^32 binary32 inputs of exp, log, sin, cos, sigmoid, tanh and erf and prints the largest error in ULP.
//
//   cmake -S . -B build/programs -DGW_PYTHON=OFF -DGW_PROGRAMS=ON && cmake --build build/programs --target ulp
//   build/programs/ulp [ISA] [FUNCTION] ...      (default: the widest instruction set, every function)
//
// The reference is the same function of the C library in binary64. Its error, below 2 ULP of binary64, is less than
// 1e-8 ULP of binary32, so the figures printed hold to the seventh digit. One ULP is the distance between binary32
// neighbours at the exact value, 2^-149 among subnormals. Where the exact value rounds to infinity, is NaN or is zero,
// the result must be that too, sign included; every other result is counted as wrong. `hash` is FNV-1a over the words
// of all results in order of input, every NaN as 0x7FC00000: equal hashes mean that all 2^32 results are equal.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "maps.h"

namespace {

constexpr std::uint64_t kNumInputs = std::uint64_t{1} << 32;
constexpr std::size_t kBlock = 1 << 16;
constexpr double kOverflow = 0x1.ffffffp+127;  // from here on the nearest binary32 is infinity

struct Function {
  const char* name;
  void (*run)(const gw::MapArgs&);
  double (*exact)(double);
};

const Function kFunctions[] = {
    {"exp", [](const gw::MapArgs& a) { GW_RUN(map_exp, a); }, [](double x) { return std::exp(x); }},
    {"log", [](const gw::MapArgs& a) { GW_RUN(map_log, a); }, [](double x) { return std::log(x); }},
    {"sin", [](const gw::MapArgs& a) { GW_RUN(map_sin, a); }, [](double x) { return std::sin(x); }},
    {"cos", [](const gw::MapArgs& a) { GW_RUN(map_cos, a); }, [](double x) { return std::cos(x); }},
    {"sigmoid", [](const gw::MapArgs& a) { GW_RUN(map_sigmoid, a); }, [](double x) { return 1 / (1 + std::exp(-x)); }},
    {"tanh", [](const gw::MapArgs& a) { GW_RUN(map_tanh, a); }, [](double x) { return std::tanh(x); }},
    {"erf", [](const gw::MapArgs& a) { GW_RUN(map_erf, a); }, [](double x) { return std::erf(x); }},
};

// |found - exact| in ULP; infinity where a special value is missed.
double error_of(float found, double exact) {
  constexpr double kWrong = std::numeric_limits<double>::infinity();
  if (std::isnan(exact)) return std::isnan(found) ? 0 : kWrong;
  if (std::fabs(exact) >= kOverflow) return std::isinf(found) && (found > 0) == (exact > 0) ? 0 : kWrong;
  if (exact == 0) return found == 0 && std::signbit(found) == std::signbit(exact) ? 0 : kWrong;
  if (!std::isfinite(found)) return kWrong;
  const int exponent = static_cast<int>(std::bit_cast<std::uint64_t>(exact) >> 52 & 0x7FF) - 1023;
  return std::fabs(static_cast<double>(found) - exact) * std::ldexp(1.0, 23 - std::max(exponent, -126));
}

void try_all(const Function& function) {
  std::vector<float> x(kBlock), out(kBlock);
  double worst = -1;
  float worst_input = 0, worst_result = 0;
  std::uint64_t num_wrong = 0, hash = 0xCBF29CE484222325;
  for (std::uint64_t first = 0; first < kNumInputs; first += kBlock) {
    for (std::size_t i = 0; i < kBlock; ++i) x[i] = std::bit_cast<float>(static_cast<std::uint32_t>(first + i));
    function.run({x.data(), out.data(), kBlock});
    for (std::size_t i = 0; i < kBlock; ++i) {
      const std::uint32_t bits = std::isnan(out[i]) ? 0x7FC00000 : std::bit_cast<std::uint32_t>(out[i]);
      hash = (hash ^ bits) * 0x100000001B3;
      const double error = error_of(out[i], function.exact(x[i]));
      if (std::isinf(error)) {
        ++num_wrong;
      } else if (error > worst) {
        worst = error, worst_input = x[i], worst_result = out[i];
      }
    }
  }
  std::printf("%-8s max %.4f ULP at x = %a (%.9g), result %a; special values wrong: %llu; hash %016llx\n",
              function.name, worst, worst_input, worst_input, worst_result, static_cast<unsigned long long>(num_wrong),
              static_cast<unsigned long long>(hash));
  std::fflush(stdout);
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

}  // namespace

int main(int num_arguments, char** arguments) {
  std::vector<std::string> names(arguments + 1, arguments + num_arguments);
  if (!names.empty() && use_isa(names.front())) names.erase(names.begin());
  std::printf("all 2^32 inputs on %s\n", gw::isa_name(gw::active_isa()));
  for (const Function& function : kFunctions)
    if (names.empty() || std::find(names.begin(), names.end(), function.name) != names.end()) try_all(function);
}
