#include "../looks.h"

#include "arrays.h"

namespace gw {
namespace {

std::int64_t first_not_below(nb::handle ids_N, nb::handle limit) {
  Door door;
  const auto ids = door.looks_at("ids_N", ids_N, Door::kShortIds);
  const bool is_wide = ids.dtype() == nb::dtype<std::uint32_t>();
  std::int64_t found;
  const IdLookArgs args{ids.data(), is_wide, require_unsigned("limit", limit), &found, ids.size()};
  Unlocked unlocked;
  GW_ANSWER(first_not_below, args);
  return found;
}

template <class Run>
std::int64_t look(nb::handle x_N, double most, Run run) {
  Door door;
  const auto x = door.looks_at("x_N", x_N, Door::kFloats);
  std::int64_t found;
  const LookArgs args{x.data(), most, &found, x.size()};
  Unlocked unlocked;
  run(args);
  return found;
}

std::int64_t first_not_finite(nb::handle x_N) {
  return look(x_N, 0.0, [](const LookArgs& args) { GW_ANSWER(first_not_finite, args); });
}

std::int64_t first_above(nb::handle x_N, nb::handle most) {
  return look(x_N, require_number("most", most), [](const LookArgs& args) { GW_ANSWER(first_above, args); });
}

template <class Run>
std::int64_t look_at_pairs(nb::handle before_N, nb::handle after_N, double factor, double most, Run run) {
  Door door;
  const auto before = door.looks_at("before_N", before_N, Door::kFloats);
  const auto after = door.looks_at("after_N", after_N, Door::kFloats, before.size());
  std::int64_t found;
  const PairLookArgs args{before.data(), after.data(), factor, most, &found, before.size()};
  Unlocked unlocked;
  run(args);
  return found;
}

std::int64_t first_shrunk(nb::handle before_N, nb::handle after_N, nb::handle factor, nb::handle slack) {
  return look_at_pairs(before_N, after_N, require_number("factor", factor), require_number("slack", slack),
                       [](const PairLookArgs& args) { GW_ANSWER(first_shrunk, args); });
}

std::int64_t first_moved(nb::handle before_N, nb::handle after_N, nb::handle factor, nb::handle most) {
  return look_at_pairs(before_N, after_N, require_number("factor", factor), require_number("most", most),
                       [](const PairLookArgs& args) { GW_ANSWER(first_moved, args); });
}

std::int64_t first_misspelt(nb::handle ids_N, nb::handle ends_V, nb::handle spelled_B, nb::handle text_T) {
  Door door;
  const auto ids = door.looks_at("ids_N", ids_N, Door::kShortIds);
  const auto ends = door.looks_at("ends_V", ends_V, Door::kWords);
  const auto spelled = door.looks_at("spelled_B", spelled_B, Door::kBytes);
  const auto text = door.looks_at("text_T", text_T, Door::kBytes);
  const bool is_wide = ids.dtype() == nb::dtype<std::uint32_t>();
  std::int64_t found;
  const SpellingArgs args{ids.data(),     is_wide,        ids.size(),  ends.data(), ends.size(),
                          spelled.data(), spelled.size(), text.data(), text.size(), &found};
  Unlocked unlocked;
  GW_ANSWER(first_misspelt, args);
  return found;
}

const Binding binding([](nb::module_& m) {
  m.def("first_not_below", &first_not_below, arg("ids_N"), arg("limit"));
  m.def("first_not_finite", &first_not_finite, arg("x_N"));
  m.def("first_above", &first_above, arg("x_N"), arg("most"));
  m.def("first_shrunk", &first_shrunk, arg("before_N"), arg("after_N"), arg("factor"), arg("slack"));
  m.def("first_misspelt", &first_misspelt, arg("ids_N"), arg("ends_V"), arg("spelled_B"), arg("text_T"));
  m.def("first_moved", &first_moved, arg("before_N"), arg("after_N"), arg("factor"), arg("most"));
});

}  // namespace
}  // namespace gw
