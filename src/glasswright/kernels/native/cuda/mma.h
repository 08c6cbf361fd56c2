// A warp's product of bytes on a tensor core: c (16 x 8) += a (16 x 32) b (32 x 8)^T, exact in 32-bit integers.
//
// Which elements thread (g, t) = (lane / 4, lane % 4) holds, four bytes along k in a word (PTX ISA, mma.m16n8k32):
//
//   a[0], a[1]  rows g and g + 8, k from 4 t on          a[2], a[3]  the same rows, k from 16 + 4 t on
//   b[0], b[1]  column g, k from 4 t and from 16 + 4 t on
//   c[0..1]     row g, columns 2 t and 2 t + 1           c[2..3]     row g + 8
#pragma once

namespace gw::GW_ISA {

inline void add_bytes(int (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
#if defined(__CUDACC_RTC__)
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  emulation::add_bytes(c, a, b);
#endif
}

}  // namespace gw::GW_ISA
