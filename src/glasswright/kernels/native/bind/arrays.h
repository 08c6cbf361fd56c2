// What a kernel accepts from Python, checked once at the door: C-contiguous arrays on the CPU, through DLPack or the
// buffer protocol, and numbers. What is refused is a ValueError in the words of checks.py.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace gw {
namespace nb = nanobind;

template <int kNumAxes>
using In = nb::ndarray<const float, nb::ndim<kNumAxes>, nb::c_contig, nb::device::cpu>;
template <int kNumAxes>
using Out = nb::ndarray<float, nb::ndim<kNumAxes>, nb::c_contig, nb::device::cpu>;
using AnyIn = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;
using AnyOut = nb::ndarray<float, nb::c_contig, nb::device::cpu>;
using Ids = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using IdRows = nb::ndarray<const std::int64_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <int kNumAxes>
using OutIds = nb::ndarray<std::int64_t, nb::ndim<kNumAxes>, nb::c_contig, nb::device::cpu>;
using Words = nb::ndarray<std::uint32_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using AnyNumbers = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

constexpr std::size_t kAny = SIZE_MAX;  // a length that is not asked for

// The arrays of one call, as they come in. None is written where another lies, but that an output may be one of the
// arrays it names, whole, which have come in before it:
//
//   Door door;
//   const auto x = door.reads<2>("x_RD", x_RD);
//   const auto out = door.writes<2>("out_RD", out_RD, {x.shape(0), x.shape(1)}, {"x_RD"});
class Door {
 public:
  using Names = std::initializer_list<const char*>;

  template <int kNumAxes>
  In<kNumAxes> reads(const char* name, nb::handle value, std::array<std::size_t, kNumAxes> shape = any<kNumAxes>()) {
    return In<kNumAxes>(pass(name, value, {.dtypes = kFloats, .shape = shape}));
  }
  template <int kNumAxes>
  Out<kNumAxes> writes(const char* name, nb::handle value, std::array<std::size_t, kNumAxes> shape, Names may_be = {}) {
    return Out<kNumAxes>(pass(name, value, {.dtypes = kFloats, .shape = shape, .is_written = true}, may_be));
  }
  // An array of any shape, for kernels that go element by element.
  AnyIn reads_flat(const char* name, nb::handle value, std::size_t size = kAny) {
    return AnyIn(pass(name, value, {.dtypes = kFloats, .is_flat = true, .size = size}));
  }
  AnyOut writes_flat(const char* name, nb::handle value, std::size_t size = kAny, Names may_be = {}) {
    return AnyOut(pass(name, value, {.dtypes = kFloats, .is_flat = true, .size = size, .is_written = true}, may_be));
  }
  Ids reads_ids(const char* name, nb::handle value, std::size_t size = kAny) {
    return Ids(pass(name, value, {.dtypes = kIds, .shape = std::span(&size, 1)}));
  }
  IdRows reads_id_rows(const char* name, nb::handle value, std::array<std::size_t, 2> shape = any<2>()) {
    return IdRows(pass(name, value, {.dtypes = kIds, .shape = shape}));
  }
  template <int kNumAxes>
  OutIds<kNumAxes> writes_ids(const char* name, nb::handle value, std::array<std::size_t, kNumAxes> shape) {
    return OutIds<kNumAxes>(pass(name, value, {.dtypes = kIds, .shape = shape, .is_written = true}));
  }
  Words writes_words(const char* name, nb::handle value, std::array<std::size_t, 2> shape) {
    return Words(pass(name, value, {.dtypes = kWords, .shape = shape, .is_written = true}));
  }
  // Numbers of one of some kinds, wherever their memory begins.
  AnyNumbers looks_at(const char* name, nb::handle value, std::span<const nb::dlpack::dtype> dtypes,
                      std::size_t size = kAny) {
    return AnyNumbers(pass(name, value, {.dtypes = dtypes, .is_flat = true, .size = size, .is_aligned = false}));
  }

  static constexpr nb::dlpack::dtype kFloats[] = {nb::dtype<float>()};
  static constexpr nb::dlpack::dtype kBytes[] = {nb::dtype<std::uint8_t>()};
  static constexpr nb::dlpack::dtype kWords[] = {nb::dtype<std::uint32_t>()};
  static constexpr nb::dlpack::dtype kShortIds[] = {nb::dtype<std::uint16_t>(), nb::dtype<std::uint32_t>()};

 private:
  static constexpr nb::dlpack::dtype kIds[] = {nb::dtype<std::int64_t>()};

  struct Wanted {
    std::span<const nb::dlpack::dtype> dtypes;
    std::span<const std::size_t> shape = {};  // unless is_flat
    bool is_flat = false;
    std::size_t size = kAny;  // if is_flat
    bool is_written = false;
    bool is_aligned = true;

    bool are(const nb::ndarray<>& array) const;
    std::string text() const;
  };
  struct Passed {
    const char* name;
    std::uintptr_t begin, end;
    bool is_written;
  };

  template <int kNumAxes>
  static constexpr std::array<std::size_t, kNumAxes> any() {
    std::array<std::size_t, kNumAxes> shape;
    shape.fill(kAny);
    return shape;
  }
  nb::ndarray<> pass(const char* name, nb::handle value, const Wanted& wanted, Names may_be = {});
  static void refuse(const char* name, const Wanted& wanted, const std::string& found);
  void keep_apart(const Passed& array, Names may_be) const;

  std::vector<Passed> passed_;
};

void require(bool ok, const std::string& message);

// A scalar that enters arithmetic: a Python number that binary32 holds exactly.
float require_exact(const char* name, nb::handle value);

// A Python number as binary64, for what is only compared.
double require_number(const char* name, nb::handle value);

// A Python integer from low to high.
std::int64_t require_integer(const char* name, nb::handle value, std::int64_t low, std::int64_t high);
std::uint64_t require_unsigned(const char* name, nb::handle value);

// Rows of integers, in each every one larger than that before it, from 0 to below `end`.
void require_ascending(const char* name, const IdRows& found, std::size_t end);

// An argument of any kind: the door says what it should have been.
inline auto arg(const char* name) { return nb::arg(name).none(); }

// A kernel runs without the interpreter lock: nothing below the door touches Python.
using Unlocked = nb::gil_scoped_release;

// Each bind_<kernel>.cc adds its functions to the module:
//
//   static const Binding binding([](nb::module_& m) { m.def("add", ...); });
struct Binding {
  explicit Binding(void (*bind)(nb::module_&)) { all().push_back(bind); }
  static std::vector<void (*)(nb::module_&)>& all() {
    static std::vector<void (*)(nb::module_&)> bindings;
    return bindings;
  }
};

}  // namespace gw
