// Rows of a table by token: see embedding.py. Every token is a row of the table.
#pragma once
#include <cstddef>
#include <cstdint>

#include "dispatch.h"

namespace gw {
struct EmbeddingArgs {
  const float* table;         // (tokens, width)
  const std::int64_t* token;  // (rows,)
  float* out;                 // (rows, width)
  std::size_t num_rows, width;
};
struct EmbeddingBackwardArgs {
  const float* dout;          // (rows, width)
  const std::int64_t* token;  // (rows,)
  float* dtable;              // (tokens, width)
  std::size_t num_rows, num_tokens, width;
};
}  // namespace gw
GW_DECLARE_KERNEL(embedding, gw::EmbeddingArgs)
GW_DECLARE_KERNEL(embedding_backward, gw::EmbeddingBackwardArgs)
