#include "arrays.h"

#include <algorithm>
#include <cstring>

#include "../float_mode.h"

namespace gw {
namespace {

// An array without elements may not be longer than this along its other axes together: whoever goes through its rows
// would be at it for ever.
constexpr std::size_t kMaxEmpty = std::size_t{1} << 31;

std::string kind_of(nb::handle value) { return nb::str(value.type().attr("__name__")).c_str(); }

std::string dtype_name(nb::dlpack::dtype dtype) {
  const std::string bits = std::to_string(dtype.bits);
  switch (static_cast<nb::dlpack::dtype_code>(dtype.code)) {
    case nb::dlpack::dtype_code::Int:
      return "int" + bits;
    case nb::dlpack::dtype_code::UInt:
      return "uint" + bits;
    case nb::dlpack::dtype_code::Float:
      return "float" + bits;
    case nb::dlpack::dtype_code::Bfloat:
      return "bfloat" + bits;
    case nb::dlpack::dtype_code::Complex:
      return "complex" + bits;
    case nb::dlpack::dtype_code::Bool:
      return "bool";
    default:
      return "numbers of another kind";
  }
}

template <class Length>
std::string shape_text(std::size_t num_axes, Length length) {
  std::string text = "(";
  for (std::size_t i = 0; i < num_axes; ++i) text += (i == 0 ? "" : ", ") + length(i);
  return text + ")";
}

bool is_empty(const nb::ndarray<>& array) {
  return std::any_of(array.shape_ptr(), array.shape_ptr() + array.ndim(), [](std::int64_t n) { return n == 0; });
}

bool is_contiguous(const nb::ndarray<>& array) {
  if (is_empty(array)) return true;
  std::int64_t step = 1;
  for (std::size_t i = array.ndim(); i-- > 0;) {
    if (array.shape(i) != 1 && array.stride(i) != step) return false;
    if (__builtin_mul_overflow(step, static_cast<std::int64_t>(array.shape(i)), &step)) return false;
  }
  return true;
}

bool is_empty_and_too_long(const nb::ndarray<>& array) {
  std::size_t size = 1;
  for (std::size_t i = 0; i < array.ndim(); ++i)
    if (__builtin_mul_overflow(size, std::max<std::size_t>(array.shape(i), 1), &size)) return true;
  return is_empty(array) && size > kMaxEmpty;
}

// A tensor of torch's that stands for the negative of what lies in its memory; DLPack does not say so.
bool is_negated(nb::handle value) {
  if (PyCapsule_CheckExact(value.ptr())) return false;  // a tensor lent by its memory; asking costs as much as the rest
  return nb::hasattr(value, "is_neg") && nb::cast<bool>(value.attr("is_neg")());
}

// What came in: an array, perhaps one that cannot be written, or nothing that is one.
struct Seen {
  nb::ndarray<> array;
  bool is_array, is_writable;
};

Seen see(nb::handle value, bool is_written) {
  nb::ndarray<> writable;
  if (is_written && nb::try_cast(value, writable, false)) return {writable, true, true};
  nb::ndarray<nb::ro> readable;
  const bool is_array = nb::try_cast(value, readable, false);
  return {nb::ndarray<>(readable), is_array, false};
}

// For what an array is refused, whatever its shape and type.
std::string flaws_of(const Seen& seen, nb::handle value, bool is_written, bool is_aligned) {
  const nb::ndarray<>& array = seen.array;
  if (array.device_type() != nb::device::cpu::value) return ", on another device";
  if (is_negated(value)) return ", with the negative bit set";
  const std::size_t alignment = is_aligned ? std::max<std::size_t>(array.itemsize(), 1) : 1;
  std::string flaws;
  if (!is_contiguous(array)) flaws += ", not contiguous";
  if (reinterpret_cast<std::uintptr_t>(array.data()) % alignment != 0) flaws += ", not aligned";
  if (array.data() == nullptr && !is_empty(array)) flaws += ", without memory";
  if (is_written && !seen.is_writable) flaws += ", read-only";
  if (is_empty_and_too_long(array)) flaws += ", empty and too long";
  return flaws;
}

}  // namespace

bool Door::Wanted::are(const nb::ndarray<>& array) const {
  if (std::find(dtypes.begin(), dtypes.end(), array.dtype()) == dtypes.end()) return false;
  if (is_flat) return size == kAny || array.size() == size;
  if (array.ndim() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != kAny && array.shape(i) != shape[i]) return false;
  return true;
}

std::string Door::Wanted::text() const {
  std::string text = "C-contiguous ";
  for (const nb::dlpack::dtype& dtype : dtypes) text += (&dtype == dtypes.data() ? "" : " or ") + dtype_name(dtype);
  if (!is_flat)
    return text + " of shape " + shape_text(shape.size(), [&](std::size_t i) {
             return shape[i] == kAny ? std::string("any") : std::to_string(shape[i]);
           });
  return text + (size == kAny ? " of any shape" : " of " + std::to_string(size) + " elements");
}

void Door::refuse(const char* name, const Wanted& wanted, const std::string& found) {
  require(false, std::string(name) + ": expected " + wanted.text() + ", got " + found);
}

nb::ndarray<> Door::pass(const char* name, nb::handle value, const Wanted& wanted, Names may_be) {
  const Seen seen = see(value, wanted.is_written);
  if (!seen.is_array) refuse(name, wanted, kind_of(value));
  const nb::ndarray<>& array = seen.array;
  const std::string flaws = flaws_of(seen, value, wanted.is_written, wanted.is_aligned);
  if (!wanted.are(array) || !flaws.empty())
    refuse(name, wanted, dtype_name(array.dtype()) + " of shape " + shape_text(array.ndim(), [&](std::size_t i) {
                           return std::to_string(array.shape(i));
                         }) + flaws);

  const auto begin = reinterpret_cast<std::uintptr_t>(array.data());
  const Passed passed{name, begin, begin + array.nbytes(), wanted.is_written};
  keep_apart(passed, may_be);
  passed_.push_back(passed);
  return array;
}

void Door::keep_apart(const Passed& array, Names may_be) const {
  for (const Passed& other : passed_) {
    const bool overlap = std::max(array.begin, other.begin) < std::min(array.end, other.end);
    if (!overlap || !(array.is_written || other.is_written)) continue;
    const bool may_be_other =
        std::any_of(may_be.begin(), may_be.end(), [&](const char* name) { return std::strcmp(name, other.name) == 0; });
    if (may_be_other && array.begin == other.begin && array.end == other.end) continue;
    require(false, std::string(array.name) + ": expected memory apart from that of " + other.name +
                       (may_be_other ? ", or the same array" : "") + ", got memory that overlaps it");
  }
}

void require(bool ok, const std::string& message) {
  if (!ok) throw nb::value_error(message.c_str());
}

double require_number(const char* name, nb::handle value) {
  const double number = PyFloat_AsDouble(value.ptr());
  if (number == -1.0 && PyErr_Occurred()) {
    PyErr_Clear();
    require(false, std::string(name) + ": expected a number, got " + kind_of(value));
  }
  return number;
}

float require_exact(const char* name, nb::handle value) {
  const FloatMode mode;  // a subnormal is exact, though the process may flush it; volatile keeps the steps inside
  const volatile double number = require_number(name, value);
  const volatile float rounded = static_cast<float>(number);
  const volatile double back = rounded;
  if (back != number && number == number)
    require(false, std::string(name) + ": expected a number that is exact in binary32, got " + nb::repr(value).c_str());
  return rounded;
}

namespace {

template <class Integer>
Integer integer_of(const char* name, nb::handle value, Integer low, Integer high) {
  const nb::object index = nb::steal(PyNumber_Index(value.ptr()));
  if (!index.is_valid()) {
    PyErr_Clear();
    require(false, std::string(name) + ": expected an integer, got " + kind_of(value));
  }
  Integer number = 0;
  if (!nb::try_cast(index, number, false) || number < low || number > high)
    require(false, std::string(name) + ": expected " + std::to_string(low) + " to " + std::to_string(high) + ", got " +
                       nb::str(index).c_str());
  return number;
}

}  // namespace

std::int64_t require_integer(const char* name, nb::handle value, std::int64_t low, std::int64_t high) {
  return integer_of(name, value, low, high);
}

std::uint64_t require_unsigned(const char* name, nb::handle value) {
  return integer_of<std::uint64_t>(name, value, 0, UINT64_MAX);
}

void require_ascending(const char* name, const IdRows& found, std::size_t end) {
  const std::size_t width = found.shape(1), size = found.size();
  for (std::size_t i = 0; i < size; ++i) {
    const std::int64_t before = i % width == 0 ? -1 : found.data()[i - 1], id = found.data()[i];
    if (id <= before || id >= static_cast<std::int64_t>(end))
      require(false, std::string(name) + ": expected ascending numbers from 0 to " +
                         std::to_string(static_cast<std::int64_t>(end) - 1) + " in each row, got " +
                         std::to_string(id) + " at (" + std::to_string(i / width) + ", " + std::to_string(i % width) +
                         ")");
  }
}

}  // namespace gw
