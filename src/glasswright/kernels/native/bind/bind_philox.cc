#include <memory>

#include "../philox.h"

#include "arrays.h"

namespace gw {

static std::uint32_t require_word(const char* name, nb::handle value) {
  return static_cast<std::uint32_t>(require_integer(name, value, 0, 0xFFFFFFFF));
}

static void philox(nb::handle key0, nb::handle key1, nb::handle counter0, nb::handle counter1, nb::handle counter2,
                   nb::handle counter3, nb::handle out_B4) {
  Door door;
  const auto out = door.writes_words("out_B4", out_B4, {kAny, 4});
  const std::size_t blocks = out.shape(0);
  const PhiloxArgs args{{require_word("key0", key0), require_word("key1", key1)},
                        {require_word("counter0", counter0), require_word("counter1", counter1),
                         require_word("counter2", counter2), require_word("counter3", counter3)},
                        out.data(),
                        blocks};
  const std::uint64_t last = args.counter[0] + std::uint64_t{blocks} - (blocks > 0 ? 1 : 0);
  require(last <= 0xFFFFFFFF, "counter0 + B - 1: expected 0 to 4294967295, got " + std::to_string(last));
  Unlocked unlocked;
  GW_RUN(philox, args);
}

static void uniform(nb::handle seed, nb::handle purpose, nb::handle half_width, nb::handle out_N) {
  Door door;
  const auto out = door.writes_flat("out_N", out_N);
  constexpr std::uint64_t kMaxWords = std::uint64_t{1} << 34;  // of one stream: its blocks are counted by one word
  require(out.size() <= kMaxWords,
          "out_N: expected at most " + std::to_string(kMaxWords) + " elements, got " + std::to_string(out.size()));
  const float width = require_exact("half_width", half_width);
  if (!(width >= 0x1p-100f && width <= 0x1p100f))
    require(false, std::string("half_width: expected 2^-100 to 2^100, got ") + nb::repr(half_width).c_str());
  const UniformArgs args{require_unsigned("seed", seed), require_word("purpose", purpose), width, out.data(),
                         out.size()};
  Unlocked unlocked;
  GW_RUN(uniform, args);
}

static nb::ndarray<nb::numpy, std::int64_t, nb::ndim<1>> permutation(nb::handle seed, nb::handle purpose,
                                                                     nb::handle epoch, nb::handle num_items) {
  const auto n = static_cast<std::size_t>(require_integer("num_items", num_items, 0, std::int64_t{1} << 31));
  auto items = std::make_unique<std::int64_t[]>(n);
  const PermutationArgs args{require_unsigned("seed", seed), require_word("purpose", purpose),
                             require_word("epoch", epoch), items.get(), n};
  {
    Unlocked unlocked;
    GW_RUN(permutation, args);
  }
  std::int64_t* data = items.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<std::int64_t*>(p); });
  return {data, {n}, owner};
}

static const Binding binding([](nb::module_& m) {
  m.def("philox", &philox, arg("key0"), arg("key1"), arg("counter0"), arg("counter1"), arg("counter2"), arg("counter3"),
        arg("out_B4"));
  m.def("uniform", &uniform, arg("seed"), arg("purpose"), arg("half_width"), arg("out_N"));
  m.def("permutation", &permutation, arg("seed"), arg("purpose"), arg("epoch"), arg("num_items"));
});

}  // namespace gw
