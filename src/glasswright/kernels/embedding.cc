// The table lookup defined in embedding.py, bit for bit.
#include "native/embedding.h"

#include <algorithm>
#include <vector>

#include "native/lanes.h"
#include "native/pool.h"

namespace gw::GW_ISA {
namespace {

constexpr std::size_t kTaskSize = 1 << 14;  // elements of a task, in whole rows

std::size_t rows_per_task(std::size_t width) {
  return std::max<std::size_t>(1, kTaskSize / std::max<std::size_t>(1, width));
}

// Row numbers sorted by (token, row); those of token v are order[first[v]] ... order[first[v + 1] - 1].
struct RowsByToken {
  std::vector<std::size_t> first, order;

  RowsByToken(const std::int64_t* token, std::size_t num_rows, std::size_t num_tokens)
      : first(num_tokens + 1), order(num_rows) {
    for (std::size_t r = 0; r < num_rows; ++r) ++first[static_cast<std::size_t>(token[r]) + 1];
    for (std::size_t v = 0; v < num_tokens; ++v) first[v + 1] += first[v];
    std::vector<std::size_t> next(first.begin(), first.end() - 1);
    for (std::size_t r = 0; r < num_rows; ++r) order[next[static_cast<std::size_t>(token[r])]++] = r;
  }
};

}  // namespace

void embedding(const EmbeddingArgs& args) {
  const std::size_t rows = rows_per_task(args.width);
  parallel_for((args.num_rows + rows - 1) / rows, [&](std::size_t task) {
    const std::size_t end = std::min(args.num_rows, (task + 1) * rows);
    for (std::size_t r = task * rows; r < end; ++r)
      std::copy_n(args.table + static_cast<std::size_t>(args.token[r]) * args.width, args.width,
                  args.out + r * args.width);
  });
}

void embedding_backward(const EmbeddingBackwardArgs& args) {
  if (args.width == 0) return;
  const RowsByToken rows(args.token, args.num_rows, args.num_tokens);
  const std::size_t tokens = rows_per_task(args.width);
  parallel_for((args.num_tokens + tokens - 1) / tokens, [&](std::size_t task) {
    const std::size_t end = std::min(args.num_tokens, (task + 1) * tokens);
    for (std::size_t v = task * tokens; v < end; ++v) {
      float* dtable = args.dtable + v * args.width;
      std::fill_n(dtable, args.width, 0.0f);
      for (std::size_t k = rows.first[v]; k < rows.first[v + 1]; ++k) {
        const float* dout = args.dout + rows.order[k] * args.width;
        for_each_vec(args.width, [&](std::size_t d, auto part) {
          part.store(part.load(dtable + d) + part.load(dout + d), dtable + d);
        });
      }
    }
  });
}

}  // namespace gw::GW_ISA
