// What is asked of AMX before it is used, asked of its emulation and of units that are wrong in one way each.
//
//   amx_check           every answer is as it must be, or the exit status is the number of the first that is not
//   amx_check careless  a tile is used that was not configured: must end the process
#include "amx.h"

#include <algorithm>
#include <cstring>

namespace {

using gw::EmulatedAmx;

// A product of bytes as `kWrong` would make it: sums that stop at 16 bits, unsigned bytes of b, or a sum begun anew.
enum class Wrong { saturates, is_unsigned, forgets };

template <Wrong kWrong>
struct WrongUnit : EmulatedAmx {
  template <int c, int a, int b>
  static void add_products() {
    std::int32_t sum[16][16];
    std::int8_t bytes_of_a[16][64], bytes_of_b[16][64];
    EmulatedAmx::store<a>(bytes_of_a, 64);
    EmulatedAmx::store<b>(bytes_of_b, 64);
    EmulatedAmx::store<c>(sum, 64);
    for (int m = 0; m < 16; ++m)
      for (int n = 0; n < 16; ++n) {
        std::int32_t total = kWrong == Wrong::forgets ? 0 : sum[m][n];
        for (int k = 0; k < 64; ++k) {
          const std::int32_t by = bytes_of_b[k / 4][4 * n + k % 4];
          total += bytes_of_a[m][k] * (kWrong == Wrong::is_unsigned ? by & 0xFF : by);
          if (kWrong == Wrong::saturates) total = std::clamp(total, -32768, 32767);
        }
        sum[m][n] = total;
      }
    EmulatedAmx::load<c>(sum, 64);
  }
};

// Rows of b as they are, and not four terms of a column side by side.
struct WrongOrder : EmulatedAmx {
  template <int t>
  static void load(const void* data, std::size_t stride) {
    std::int8_t turned[16][64];
    for (int i = 0; i < 16; ++i)
      for (int j = 0; j < 64; ++j) turned[i][j] = static_cast<const std::int8_t*>(data)[j / 4 * stride + i * 4 + j % 4];
    EmulatedAmx::load<t>(turned, 64);
  }
};

}  // namespace

int main(int num_arguments, char** arguments) {
  if (num_arguments > 1 && std::strcmp(arguments[1], "careless") == 0) EmulatedAmx::zero<0>();
  if (!gw::multiplies_right<EmulatedAmx>()) return 1;
  if (gw::multiplies_right<WrongUnit<Wrong::saturates>>()) return 2;
  if (gw::multiplies_right<WrongUnit<Wrong::is_unsigned>>()) return 3;
  if (gw::multiplies_right<WrongUnit<Wrong::forgets>>()) return 4;
  if (gw::multiplies_right<WrongOrder>()) return 5;
  return 0;
}
