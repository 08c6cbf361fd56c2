#include "scratch.h"

#include <new>

namespace gw {
namespace {
constexpr std::align_val_t kAlignment{64};
}

Scratch::~Scratch() { ::operator delete(data_, kAlignment); }

float* Scratch::floats(std::size_t num_floats) {
  if (num_floats > capacity_) {
    ::operator delete(data_, kAlignment);
    data_ = nullptr;
    capacity_ = 0;
    data_ = static_cast<float*>(::operator new(num_floats * sizeof(float), kAlignment));
    capacity_ = num_floats;
  }
  return data_;
}

}  // namespace gw
