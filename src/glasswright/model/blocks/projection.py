"""Matrices that read one input, with their biases where they have them."""

from collections.abc import Mapping

from torch import Tensor

from glasswright.model import ops
from glasswright.records.families import family_of
from glasswright.records.model import Model


class Projection:
    """The matrices in `slots`, stored as the family stores them."""

    def __init__(self, model: Model, weights: Mapping[str, Tensor], *slots: str):
        self.linear = ops.linear_transposed if family_of(model.family).transposed else ops.linear
        self.matrices = [weights[f"{slot}.weight"] for slot in slots]
        self.biases = [weights.get(f"{slot}.bias") for slot in slots]

    def __call__(self, x_RD: Tensor) -> tuple[Tensor, ...]:
        """What each of them makes of x: (R, N) each."""
        outs_RN = self.linear(x_RD, *self.matrices)
        return tuple(
            out_RN if bias_N is None else ops.add_bias(out_RN, bias_N)
            for out_RN, bias_N in zip(outs_RN, self.biases, strict=True)
        )
