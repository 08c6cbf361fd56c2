"""A feed-forward part of experts, of which a router chooses a few for each row: what it adds to the residual stream."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import ops
from glasswright.model.blocks.feed_forward import FeedForward
from glasswright.records.model import Model


class Experts:
    """A mixture of one layer (Shazeer et al. 2017), with the part beside it that every row goes through, if any."""

    def __init__(self, model: Model, weights: Mapping[str, Any]):
        experts = model.experts
        assert experts is not None
        self.num_experts, self.weights = experts.count, weights
        self.routing = ops.Routing(
            num_chosen=experts.chosen,
            num_groups=experts.groups,
            num_kept=experts.groups_chosen,
            is_normalized=experts.normalized,
            scale=nearest_binary32(experts.scale),
        )
        self.shared = FeedForward(model, weights, "shared.") if experts.shared_size else None

    def __call__(self, x_RD: Tensor) -> Tensor:
        if self.shared is None:
            return self._routed(*ops.share(x_RD, 2))
        to_router_RD, to_experts_RD, to_shared_RD = ops.share(x_RD, 3)
        return ops.add(self._routed(to_router_RD, to_experts_RD), self.shared(to_shared_RD))

    def _routed(self, to_router_RD: Tensor, to_experts_RD: Tensor) -> Tensor:
        weight_RK, expert_RK = self._route(to_router_RD)
        dispatch = ops.dispatch(expert_RK, self.num_experts)
        x_ND, _ = ops.embedding(to_experts_RD, dispatch.row_N)
        gates, ups, downs = (self.weights[f"expert.{slot}.weight"] for slot in ("gate", "up", "down"))
        gate_NF, up_NF = ops.experts_linear(x_ND, dispatch.counts, gates, ups)
        (y_ND,) = ops.experts_linear(ops.swiglu(gate_NF, up_NF), dispatch.counts, downs)
        return ops.combine(y_ND, weight_RK, dispatch)

    def _route(self, x_RD: Tensor) -> tuple[Tensor, Tensor]:
        (logits_RX,) = ops.linear(x_RD, self.weights["router.weight"])
        if "router.selection" in self.weights:
            return ops.sigmoid_router(logits_RX, self.weights["router.selection"], self.routing)
        return ops.softmax_router(logits_RX, self.routing)
