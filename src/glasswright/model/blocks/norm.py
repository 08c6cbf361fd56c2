"""A norm by the description: RMSNorm, with the sum that it is of where there is one."""

from collections.abc import Mapping

from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import ops
from glasswright.records.model import Model


class Norm:
    """One norm of a decoder; `slot` says which."""

    def __init__(self, model: Model, weights: Mapping[str, Tensor], slot: str):
        self.epsilon = nearest_binary32(model.norm_epsilon)
        self.gain_D = weights[f"{slot}.gain"]

    def joined(self, x_RD: Tensor, delta_RD: Tensor | None) -> tuple[Tensor, Tensor]:
        """x + delta for the residual stream, and its norm."""
        if delta_RD is None:
            return ops.rmsnorm(x_RD, self.gain_D, self.epsilon)
        return ops.add_rmsnorm(x_RD, delta_RD, self.gain_D, self.epsilon)
