#include "../experts.h"

#include "arrays.h"

namespace gw {
namespace {

// Two rows would write to a place that is there twice.
void require_permutation(const IdRows& place_RK) {
  const std::size_t size = place_RK.size();
  std::vector<bool> is_taken(size);
  for (std::size_t i = 0; i < size; ++i) {
    const std::int64_t n = place_RK.data()[i];
    const bool is_free = 0 <= n && n < static_cast<std::int64_t>(size) && !is_taken[static_cast<std::size_t>(n)];
    if (!is_free)
      require(false, "place_RK: expected each of 0 to " + std::to_string(size - 1) + " once, got " + std::to_string(n) +
                         " at (" + std::to_string(i / place_RK.shape(1)) + ", " +
                         std::to_string(i % place_RK.shape(1)) + ")");
    is_taken[static_cast<std::size_t>(n)] = true;
  }
}

void dispatch(nb::handle expert_RK, nb::handle place_RK, nb::handle row_N, nb::handle count_X) {
  Door door;
  const auto expert = door.reads_id_rows("expert_RK", expert_RK);
  const std::size_t rows = expert.shape(0), chosen = expert.shape(1);
  const auto place = door.writes_ids<2>("place_RK", place_RK, {rows, chosen});
  const auto row = door.writes_ids<1>("row_N", row_N, {expert.size()});
  const auto count = door.writes_ids<1>("count_X", count_X, {kAny});
  require_ascending("expert_RK", expert, count.size());
  const DispatchArgs args{expert.data(), place.data(), row.data(), count.data(), rows, chosen, count.size()};
  Unlocked unlocked;
  GW_ANSWER(dispatch, args);  // Python goes by the counts
}

void combine(nb::handle y_ND, nb::handle place_RK, nb::handle weight_RK, nb::handle out_RD) {
  Door door;
  const auto place = door.reads_id_rows("place_RK", place_RK);
  const std::size_t rows = place.shape(0), chosen = place.shape(1);
  const auto weight = door.reads<2>("weight_RK", weight_RK, {rows, chosen});
  const auto y = door.reads<2>("y_ND", y_ND, {place.size(), kAny});
  const auto out = door.writes<2>("out_RD", out_RD, {rows, y.shape(1)});
  require_permutation(place);
  const CombineArgs args{y.data(), place.data(), weight.data(), out.data(), rows, chosen, y.shape(1)};
  Unlocked unlocked;
  GW_RUN(combine, args);
}

void combine_backward(nb::handle dout_RD, nb::handle y_ND, nb::handle place_RK, nb::handle weight_RK, nb::handle dy_ND,
                      nb::handle dweight_RK) {
  Door door;
  const auto place = door.reads_id_rows("place_RK", place_RK);
  const std::size_t rows = place.shape(0), chosen = place.shape(1);
  const auto weight = door.reads<2>("weight_RK", weight_RK, {rows, chosen});
  const auto y = door.reads<2>("y_ND", y_ND, {place.size(), kAny});
  const auto dout = door.reads<2>("dout_RD", dout_RD, {rows, y.shape(1)});
  const auto dy = door.writes<2>("dy_ND", dy_ND, {y.shape(0), y.shape(1)});
  const auto dweight = door.writes<2>("dweight_RK", dweight_RK, {rows, chosen});
  require_permutation(place);
  const CombineBackwardArgs args{dout.data(),    y.data(), place.data(), weight.data(), dy.data(),
                                 dweight.data(), rows,     chosen,       y.shape(1)};
  Unlocked unlocked;
  GW_RUN(combine_backward, args);
}

const Binding binding([](nb::module_& m) {
  m.def("dispatch", &dispatch, arg("expert_RK"), arg("place_RK"), arg("row_N"), arg("count_X"));
  m.def("combine", &combine, arg("y_ND"), arg("place_RK"), arg("weight_RK"), arg("out_RD"));
  m.def("combine_backward", &combine_backward, arg("dout_RD"), arg("y_ND"), arg("place_RK"), arg("weight_RK"),
        arg("dy_ND"), arg("dweight_RK"));
});

}  // namespace
}  // namespace gw
