#include <memory>

#include "../philox.h"

#include "arrays.h"

namespace gw {

using Words = nb::ndarray<std::uint32_t, nb::shape<-1, 4>, nb::c_contig, nb::device::cpu>;

static std::uint32_t require_word(const char* name, std::int64_t value) {
  constexpr std::int64_t kMax = 0xFFFFFFFF;
  require(value >= 0 && value <= kMax,
          std::string(name) + ": expected 0 to " + std::to_string(kMax) + ", got " + std::to_string(value));
  return static_cast<std::uint32_t>(value);
}

static void philox(std::int64_t key0, std::int64_t key1, std::int64_t counter0, std::int64_t counter1,
                   std::int64_t counter2, std::int64_t counter3, Words out_B4) {
  const std::size_t blocks = out_B4.shape(0);
  const PhiloxArgs args{{require_word("key0", key0), require_word("key1", key1)},
                        {require_word("counter0", counter0), require_word("counter1", counter1),
                         require_word("counter2", counter2), require_word("counter3", counter3)},
                        out_B4.data(),
                        blocks};
  if (blocks > 0) require_word("counter0 + B - 1", counter0 + static_cast<std::int64_t>(blocks) - 1);
  Unlocked unlocked;
  GW_RUN(philox, args);
}

static void uniform(std::uint64_t seed, std::int64_t purpose, double half_width, AnyOut out_N) {
  require(half_width >= 0x1p-100 && half_width <= 0x1p100,
          "half_width: expected 2^-100 to 2^100, got " + std::to_string(half_width));
  const UniformArgs args{seed, require_word("purpose", purpose), require_exact("half_width", half_width), out_N.data(),
                         out_N.size()};
  Unlocked unlocked;
  GW_RUN(uniform, args);
}

static nb::ndarray<nb::numpy, std::int64_t, nb::ndim<1>> permutation(std::uint64_t seed, std::int64_t purpose,
                                                                     std::int64_t epoch, std::int64_t num_items) {
  constexpr std::int64_t kMaxItems = std::int64_t{1} << 31;
  require(num_items >= 0 && num_items <= kMaxItems,
          "num_items: expected 0 to " + std::to_string(kMaxItems) + ", got " + std::to_string(num_items));
  const std::size_t n = static_cast<std::size_t>(num_items);
  auto items = std::make_unique<std::int64_t[]>(n);
  const PermutationArgs args{seed, require_word("purpose", purpose), require_word("epoch", epoch), items.get(), n};
  {
    Unlocked unlocked;
    GW_RUN(permutation, args);
  }
  std::int64_t* data = items.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<std::int64_t*>(p); });
  return {data, {n}, owner};
}

static const Binding binding([](nb::module_& m) {
  m.def("philox", &philox, nb::arg("key0"), nb::arg("key1"), nb::arg("counter0"), nb::arg("counter1"),
        nb::arg("counter2"), nb::arg("counter3"), nb::arg("out_B4").noconvert());
  m.def("uniform", &uniform, nb::arg("seed"), nb::arg("purpose"), nb::arg("half_width"), nb::arg("out_N").noconvert());
  m.def("permutation", &permutation, nb::arg("seed"), nb::arg("purpose"), nb::arg("epoch"), nb::arg("num_items"));
});

}  // namespace gw
