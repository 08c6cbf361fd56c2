"""The feed-forward part of a layer: what it adds to the residual stream."""

from collections.abc import Mapping

from torch import Tensor

from glasswright.model import ops


class FeedForward:
    """Two matrices with a function between them, or three where one is a gate (Shazeer 2020).

    place:  before the slots of its weights: "" or "shared."
    """

    def __init__(self, weights: Mapping[str, Tensor], place: str = ""):
        self.weights = {slot: weights[f"{place}{slot}.weight"] for slot in ("gate", "up", "down")}

    def __call__(self, x_RD: Tensor) -> Tensor:
        gate_RF, up_RF = ops.linear(x_RD, self.weights["gate"], self.weights["up"])
        (delta_RD,) = ops.linear(ops.swiglu(gate_RF, up_RF), self.weights["down"])
        return delta_RD
