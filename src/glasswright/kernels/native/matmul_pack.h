// Copies of operands in the order a tile reads them (see matmul_tile.h). No arithmetic happens here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "matmul_tile.h"

namespace gw::GW_ISA {

inline std::size_t quotient_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

struct Range {
  std::size_t begin, end;
  std::size_t size() const { return end - begin; }
};

// A range cut in `num` nearly equal parts, each but the last of whole units.
struct Parts {
  Range all;
  std::size_t unit;
  std::size_t num;
  Range operator[](std::size_t i) const { return {cut(i), cut(i + 1)}; }

 private:
  std::size_t cut(std::size_t i) const {
    return std::min(all.end, all.begin + quotient_up(all.size(), unit) * i / num * unit);
  }
};

// out[j * out_stride + i] = in[i * in_stride + j] for i < 16, j < 16.
#if defined(GW_ISA_avx512)
inline void transpose_16x16(const float* in, std::size_t in_stride, float* out, std::size_t out_stride) {
  __m512 quad[4][4];  // quad[i][c]: rows i, 4+i, 8+i, 12+i of the columns 4c to 4c+3, one row a 128-bit part
  for (int i = 0; i < 4; ++i) {
    for (int c = 0; c < 4; ++c) {
      const float* p = in + i * in_stride + 4 * c;
      __m512 q = _mm512_castps128_ps512(_mm_loadu_ps(p));
      q = _mm512_insertf32x4(q, _mm_loadu_ps(p + 4 * in_stride), 1);
      q = _mm512_insertf32x4(q, _mm_loadu_ps(p + 8 * in_stride), 2);
      quad[i][c] = _mm512_insertf32x4(q, _mm_loadu_ps(p + 12 * in_stride), 3);
    }
  }
  for (int c = 0; c < 4; ++c) {
    const __m512 low_01 = _mm512_unpacklo_ps(quad[0][c], quad[1][c]);
    const __m512 high_01 = _mm512_unpackhi_ps(quad[0][c], quad[1][c]);
    const __m512 low_23 = _mm512_unpacklo_ps(quad[2][c], quad[3][c]);
    const __m512 high_23 = _mm512_unpackhi_ps(quad[2][c], quad[3][c]);
    float* q = out + 4 * c * out_stride;
    _mm512_storeu_ps(q, _mm512_shuffle_ps(low_01, low_23, 0x44));
    _mm512_storeu_ps(q + out_stride, _mm512_shuffle_ps(low_01, low_23, 0xEE));
    _mm512_storeu_ps(q + 2 * out_stride, _mm512_shuffle_ps(high_01, high_23, 0x44));
    _mm512_storeu_ps(q + 3 * out_stride, _mm512_shuffle_ps(high_01, high_23, 0xEE));
  }
}
#else
inline void transpose_16x16(const float* in, std::size_t in_stride, float* out, std::size_t out_stride) {
  for (int j = 0; j < 16; ++j)
    for (int i = 0; i < 16; ++i) out[j * out_stride + i] = in[i * in_stride + j];
}
#endif

// A panel from rows of b_NK: panel[k][n] = b[n * stride + k]; columns that b lacks are zero and their sums dropped.
inline void pack_panel_from_nk(const float* b, std::size_t stride, std::size_t num_n, std::size_t num_k, float* panel) {
  std::size_t n = 0;
  for (; n + 16 <= num_n && n + 16 <= kPanelColumns; n += 16) {
    std::size_t k = 0;
    for (; k + 16 <= num_k; k += 16)
      transpose_16x16(b + n * stride + k, stride, panel + k * kPanelColumns + n, kPanelColumns);
    for (; k < num_k; ++k)
      for (std::size_t i = n; i < n + 16; ++i) panel[k * kPanelColumns + i] = b[i * stride + k];
  }
  for (; n < kPanelColumns; ++n)
    for (std::size_t k = 0; k < num_k; ++k) panel[k * kPanelColumns + n] = n < num_n ? b[n * stride + k] : 0.0f;
}

// Panels from rows of b_KN, one after the other, num_k * kPanelColumns floats each.
inline void pack_panels_from_kn(const float* b, std::size_t stride, std::size_t num_n, std::size_t num_k,
                                float* panels) {
  for (std::size_t k = 0; k < num_k; ++k) {
    const float* row = b + k * stride;
    float* to = panels + k * kPanelColumns;
    std::size_t n = 0;
    for (; n + kPanelColumns <= num_n; n += kPanelColumns, to += num_k * kPanelColumns)
      for (int j = 0; j < kPanelColumns; j += Vec::kLanes) Vec::load(row + n + j).store(to + j);
    if (n < num_n) {
      std::fill_n(to, kPanelColumns, 0.0f);
      std::copy_n(row + n, num_n - n, to);
    }
  }
}

// Tiles of a_MK, by rows.
inline void pack_tiles_from_mk(const float* a, std::size_t stride, const Parts& tile_rows, std::size_t num_k,
                               float* tiles) {
  for (std::size_t t = 0; t < tile_rows.num; ++t) {
    const Range rows = tile_rows[t];
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::memcpy(tiles + t * kTileSize + i * kRowStride, a + (rows.begin + i) * stride, num_k * sizeof(float));
  }
}

// Tiles of a_KM, by k; a few steps of one, then of the next, so that they share pages and lines.
inline void pack_tiles_from_km(const float* a, std::size_t stride, const Parts& tile_rows, std::size_t num_k,
                               float* tiles) {
  constexpr std::size_t kSteps = 16;
  for (std::size_t first = 0; first < num_k; first += kSteps) {
    const std::size_t end = std::min(num_k, first + kSteps);
    for (std::size_t t = 0; t < tile_rows.num; ++t) {
      const Range rows = tile_rows[t];
      for (std::size_t i = 0; i < rows.size(); i += Vec::kLanes) {
        const int num = static_cast<int>(std::min<std::size_t>(rows.size() - i, Vec::kLanes));
        const float* from = a + rows.begin + i;
        float* to = tiles + t * kTileSize + i;
        for (std::size_t k = first; k < end; ++k) Vec::load_first(from + k * stride, num).store(to + k * kStepStride);
      }
    }
  }
}

}  // namespace gw::GW_ISA
