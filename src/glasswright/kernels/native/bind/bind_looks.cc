#include "../looks.h"

#include "arrays.h"

namespace gw {
namespace {

using AnyIds = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

template <class Args, class Run>
std::int64_t found(Args args, Run run) {
  std::int64_t index;
  args.found = &index;
  Unlocked unlocked;
  run(args);
  return index;
}

PairLookArgs pair_of(const AnyIn& before, const AnyIn& after, double factor, double most) {
  require_size("after_N", after, before.size());
  return {before.data(), after.data(), factor, most, nullptr, before.size()};
}

const Binding binding([](nb::module_& m) {
  m.def(
      "first_not_below",
      [](AnyIds ids, std::int64_t limit) {
        const bool is_wide = ids.dtype() == nb::dtype<std::uint32_t>();
        require(is_wide || ids.dtype() == nb::dtype<std::uint16_t>(), "ids_N: expected uint16 or uint32");
        require(limit >= 0, "limit: expected 0 or more, got " + std::to_string(limit));
        return found(IdLookArgs{ids.data(), is_wide, static_cast<std::uint64_t>(limit), nullptr, ids.size()},
                     [](const IdLookArgs& args) { GW_RUN(first_not_below, args); });
      },
      nb::arg("ids_N").noconvert(), nb::arg("limit"));
  m.def(
      "first_not_finite",
      [](AnyIn x) {
        return found(LookArgs{x.data(), 0.0, nullptr, x.size()},
                     [](const LookArgs& args) { GW_RUN(first_not_finite, args); });
      },
      nb::arg("x_N").noconvert());
  m.def(
      "first_above",
      [](AnyIn x, double most) {
        return found(LookArgs{x.data(), most, nullptr, x.size()},
                     [](const LookArgs& args) { GW_RUN(first_above, args); });
      },
      nb::arg("x_N").noconvert(), nb::arg("most"));
  m.def(
      "first_shrunk",
      [](AnyIn before, AnyIn after, double factor, double slack) {
        return found(pair_of(before, after, factor, slack),
                     [](const PairLookArgs& args) { GW_RUN(first_shrunk, args); });
      },
      nb::arg("before_N").noconvert(), nb::arg("after_N").noconvert(), nb::arg("factor"), nb::arg("slack"));
  m.def(
      "first_moved",
      [](AnyIn before, AnyIn after, double factor, double most) {
        return found(pair_of(before, after, factor, most), [](const PairLookArgs& args) { GW_RUN(first_moved, args); });
      },
      nb::arg("before_N").noconvert(), nb::arg("after_N").noconvert(), nb::arg("factor"), nb::arg("most"));
});

}  // namespace
}  // namespace gw
