"""The feed-forward part of a layer: what it adds to the residual stream."""

from collections.abc import Mapping

from torch import Tensor

from glasswright.model import ops
from glasswright.model.blocks.projection import Projection
from glasswright.records.model import Model

GATED = {"silu": ops.swiglu, "gelu": ops.geglu, "gelu_tanh": ops.geglu_tanh}
ALONE = {"gelu": ops.gelu, "gelu_tanh": ops.gelu_tanh}


class FeedForward:
    """Two matrices with a function between them, or three where one is a gate (Shazeer 2020).

    place:  before the slots of its weights: "" or "shared."
    """

    def __init__(self, model: Model, weights: Mapping[str, Tensor], place: str = ""):
        is_gated, activation = model.feed_forward.gated, model.feed_forward.activation
        inputs = ("gate", "up") if is_gated else ("up",)
        self.activation = (GATED if is_gated else ALONE)[activation]
        self.inputs = Projection(model, weights, *(f"{place}{slot}" for slot in inputs))
        self.down = Projection(model, weights, f"{place}down")

    def __call__(self, x_RD: Tensor) -> Tensor:
        (delta_RD,) = self.down(self.activation(*self.inputs(x_RD)))
        return delta_RD
