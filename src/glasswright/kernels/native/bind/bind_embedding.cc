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

static void embedding(In<2> table_VD, Ids token_R, Out<2> out_RD) {
  const std::size_t rows = token_R.shape(0), width = table_VD.shape(1);
  require_shape("out_RD", out_RD, {rows, width});
  require_tokens(token_R, table_VD.shape(0));
  const EmbeddingArgs args{table_VD.data(), token_R.data(), out_RD.data(), rows, width};
  Unlocked unlocked;
  GW_RUN(embedding, args);
}

static void embedding_backward(In<2> dout_RD, Ids token_R, Out<2> dtable_VD) {
  const std::size_t rows = token_R.shape(0), tokens = dtable_VD.shape(0), width = dtable_VD.shape(1);
  require_shape("dout_RD", dout_RD, {rows, width});
  require_tokens(token_R, tokens);
  const EmbeddingBackwardArgs args{dout_RD.data(), token_R.data(), dtable_VD.data(), rows, tokens, width};
  Unlocked unlocked;
  GW_RUN(embedding_backward, args);
}

static const Binding binding([](nb::module_& m) {
  m.def("embedding", &embedding, nb::arg("table_VD").noconvert(), nb::arg("token_R").noconvert(),
        nb::arg("out_RD").noconvert());
  m.def("embedding_backward", &embedding_backward, nb::arg("dout_RD").noconvert(), nb::arg("token_R").noconvert(),
        nb::arg("dtable_VD").noconvert());
});

}  // namespace gw
