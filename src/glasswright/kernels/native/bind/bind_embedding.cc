#include "../embedding.h"

#include "arrays.h"

namespace gw {

static void require_tokens(const Ids& token_R, std::size_t num_tokens) {
  for (std::size_t r = 0; r < token_R.size(); ++r) {
    const std::int64_t token = token_R.data()[r];
    if (token < 0 || static_cast<std::size_t>(token) >= num_tokens)
      require(false, "token_R: expected ids from 0 to " + std::to_string(static_cast<std::int64_t>(num_tokens) - 1) +
                         ", got " + std::to_string(token) + " at row " + std::to_string(r));
  }
}

static void embedding(nb::handle table_VD, nb::handle token_R, nb::handle out_RD) {
  Door door;
  const auto table = door.reads<2>("table_VD", table_VD);
  const auto token = door.reads_ids("token_R", token_R);
  const std::size_t rows = token.shape(0), width = table.shape(1);
  const auto out = door.writes<2>("out_RD", out_RD, {rows, width});
  require_tokens(token, table.shape(0));
  const EmbeddingArgs args{table.data(), token.data(), out.data(), rows, width};
  Unlocked unlocked;
  GW_RUN(embedding, args);
}

static void embedding_backward(nb::handle dout_RD, nb::handle token_R, nb::handle dtable_VD) {
  Door door;
  const auto dtable = door.writes<2>("dtable_VD", dtable_VD, {kAny, kAny});
  const auto token = door.reads_ids("token_R", token_R);
  const std::size_t rows = token.shape(0), tokens = dtable.shape(0), width = dtable.shape(1);
  const auto dout = door.reads<2>("dout_RD", dout_RD, {rows, width});
  require_tokens(token, tokens);
  const EmbeddingBackwardArgs args{dout.data(), token.data(), dtable.data(), rows, tokens, width};
  Unlocked unlocked;
  GW_RUN(embedding_backward, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("embedding", &embedding, arg("table_VD"), arg("token_R"), arg("out_RD"));
  m.def("embedding_backward", &embedding_backward, arg("dout_RD"), arg("token_R"), arg("dtable_VD"));
});

}  // namespace gw
