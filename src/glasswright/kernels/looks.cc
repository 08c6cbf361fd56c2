// The looks defined in looks.py. A block is looked at as a whole, so that the compiler can use vectors, and gone
// through one by one only where something was found in it.
#include "native/looks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "native/float_mode.h"

namespace gw::GW_ISA {
namespace {

static_assert(std::endian::native == std::endian::little, "a look reads little-endian numbers as they lie");

constexpr std::size_t kBlock = 1 << 12;

template <class Number>
Number number_at(const void* numbers, std::size_t i) {
  Number number;
  std::memcpy(&number, static_cast<const unsigned char*>(numbers) + i * sizeof(Number), sizeof(Number));
  return number;
}

// The first i for which is_bad(i) is 1 and not 0, or -1.
template <class IsBad>
std::int64_t first(std::size_t n, IsBad is_bad) {
  for (std::size_t begin = 0; begin < n; begin += kBlock) {
    const std::size_t end = std::min(n, begin + kBlock);
    std::uint32_t any = 0;
    for (std::size_t i = begin; i < end; ++i) any |= is_bad(i);
    for (std::size_t i = begin; any != 0 && i < end; ++i)
      if (is_bad(i)) return static_cast<std::int64_t>(i);
  }
  return -1;
}

template <class Id>
std::int64_t first_id_not_below(const IdLookArgs& args) {
  constexpr Id kMax = static_cast<Id>(-1);
  if (args.limit > kMax) return -1;
  const Id limit = static_cast<Id>(args.limit);
  return first(args.n, [&](std::size_t i) -> std::uint32_t { return number_at<Id>(args.ids, i) >= limit; });
}

template <class Id>
std::int64_t first_id_misspelt(const SpellingArgs& args) {
  const auto* spelled = static_cast<const unsigned char*>(args.spelled);
  const auto* text = static_cast<const unsigned char*>(args.text);
  std::size_t at = 0;
  for (std::size_t i = 0; i < args.n; ++i) {
    const std::size_t id = number_at<Id>(args.ids, i);
    if (id >= args.num_tokens) return static_cast<std::int64_t>(i);
    const std::size_t begin = id == 0 ? 0 : number_at<std::uint32_t>(args.ends, id - 1);
    const std::size_t end = number_at<std::uint32_t>(args.ends, id);
    if (begin > end || end > args.num_spelled || end - begin > args.size - at ||
        std::memcmp(spelled + begin, text + at, end - begin) != 0)
      return static_cast<std::int64_t>(i);
    at += end - begin;
  }
  return at == args.size ? -1 : static_cast<std::int64_t>(args.n);
}

}  // namespace

void first_misspelt(const SpellingArgs& args) {
  *args.found = args.is_wide ? first_id_misspelt<std::uint32_t>(args) : first_id_misspelt<std::uint16_t>(args);
}

void first_not_below(const IdLookArgs& args) {
  *args.found = args.is_wide ? first_id_not_below<std::uint32_t>(args) : first_id_not_below<std::uint16_t>(args);
}

void first_not_finite(const LookArgs& args) {
  constexpr std::uint32_t kInfinity = 0x7F800000;  // without the sign, the smallest bits of all that are not finite
  *args.found = first(args.n, [&](std::size_t i) -> std::uint32_t {
    return (number_at<std::uint32_t>(args.x, i) & 0x7FFFFFFF) >= kInfinity;
  });
}

void first_above(const LookArgs& args) {
  const FloatMode mode;
  *args.found = first(args.n, [&](std::size_t i) -> std::uint32_t {
    return !(std::fabs(static_cast<double>(number_at<float>(args.x, i))) <= args.most);
  });
}

void first_shrunk(const PairLookArgs& args) {
  const FloatMode mode;
  *args.found = first(args.n, [&](std::size_t i) -> std::uint32_t {
    const double before = number_at<float>(args.before, i), after = number_at<float>(args.after, i);
    return !(after >= before * args.factor - args.most) | !(after >= 0.0);
  });
}

void first_moved(const PairLookArgs& args) {
  const FloatMode mode;
  *args.found = first(args.n, [&](std::size_t i) -> std::uint32_t {
    const double before = number_at<float>(args.before, i), after = number_at<float>(args.after, i);
    return !(std::fabs(after - args.factor * before) <= args.most);
  });
}

}  // namespace gw::GW_ISA
