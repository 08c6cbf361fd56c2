"""Operations on tensors: each is one kernel or a few, on the device where its tensors lie.

Those of a model are differentiable: a kernel forward and a kernel backward, joined for autograd. Where a tensor feeds
two operations, one of the two hands it on, so that its gradients too are added by a kernel and not by torch.

Legend:  S sequences, T positions, R rows = S * T, D model width, F feed-forward width, H query heads,
         G key/value heads, E head width, V vocabulary, N outputs of a linear layer;
         of a mixture: X experts, K of them chosen for a row, N = R * K pairs of a row and one of its experts.

All tensors are C-contiguous float32, ids are int64. A name that ends in _ writes over its first argument.
"""

from glasswright.model.ops.attention import attention, branched_attention, continued_attention, packed_attention
from glasswright.model.ops.experts import (
    Dispatch,
    Routing,
    combine,
    dispatch,
    experts_linear,
    sigmoid_router,
    softmax_router,
)
from glasswright.model.ops.feed_forward import geglu, geglu_tanh, gelu, gelu_tanh, swiglu
from glasswright.model.ops.linear import add_bias, embedding, linear, linear_transposed, scaled
from glasswright.model.ops.loss import linear_cross_entropy, soft_cap
from glasswright.model.ops.norm import add_layernorm, add_rmsnorm, layernorm, plus_one, rms_normalize, rmsnorm
from glasswright.model.ops.rotary import rotary, rotary_interleaved, rotary_table
from glasswright.model.ops.step import (
    adamw_,
    add_,
    all_finite,
    muon_,
    norm_and_clip,
    ordered_sum,
    pick,
    scale_,
    uniform_,
)
from glasswright.model.ops.sums import add, share

__all__ = [
    "Dispatch",
    "Routing",
    "adamw_",
    "add",
    "add_",
    "add_bias",
    "add_layernorm",
    "add_rmsnorm",
    "all_finite",
    "attention",
    "branched_attention",
    "combine",
    "continued_attention",
    "dispatch",
    "embedding",
    "experts_linear",
    "geglu",
    "geglu_tanh",
    "gelu",
    "gelu_tanh",
    "layernorm",
    "linear",
    "linear_cross_entropy",
    "linear_transposed",
    "muon_",
    "norm_and_clip",
    "ordered_sum",
    "packed_attention",
    "pick",
    "plus_one",
    "rms_normalize",
    "rmsnorm",
    "rotary",
    "rotary_interleaved",
    "rotary_table",
    "scale_",
    "scaled",
    "share",
    "sigmoid_router",
    "soft_cap",
    "softmax_router",
    "swiglu",
    "uniform_",
]
