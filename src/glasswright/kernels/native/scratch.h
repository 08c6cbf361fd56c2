// Memory a kernel works in: one block per thread and use, grown when needed and kept, so that no call allocates.
#pragma once

#include <cstddef>

namespace gw {

class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  // At least num_floats floats, 64-byte aligned, holding anything. Ends what an earlier call returned.
  float* floats(std::size_t num_floats);

 private:
  float* data_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace gw
