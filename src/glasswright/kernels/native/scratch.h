// Memory a kernel works in: one block per thread and use, grown when needed and kept, so that no call allocates.
#pragma once

#include <cstddef>
#include <new>

namespace gw {

class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { release(); }

  // At least num_floats floats, 64-byte aligned, holding anything.
  float* floats(std::size_t num_floats) {
    if (num_floats > capacity_) {
      release();
      data_ = static_cast<float*>(::operator new(num_floats * sizeof(float), kAlignment));
      capacity_ = num_floats;
    }
    return data_;
  }

 private:
  static constexpr std::align_val_t kAlignment{64};

  void release() {
    if (data_ != nullptr) ::operator delete(data_, kAlignment);
    data_ = nullptr;
    capacity_ = 0;
  }

  float* data_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace gw
