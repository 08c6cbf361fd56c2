"""A norm by the description: of rows alone, or with the sum that it is of where there is one."""

from collections.abc import Mapping

from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import ops
from glasswright.records.model import Model


class Norm:
    """One norm of a decoder; `slot` says which."""

    def __init__(self, model: Model, weights: Mapping[str, Tensor], slot: str):
        self.is_layer, self.is_plus_one = model.norm.kind == "layer", model.norm.plus_one
        self.epsilon = nearest_binary32(model.norm_epsilon)
        self.gain_D, self.bias_D = weights.get(f"{slot}.gain"), weights.get(f"{slot}.bias")

    @property
    def width(self) -> int:
        """How many channels are normed together."""
        assert self.gain_D is not None
        return len(self.gain_D)

    def joined(self, x_RD: Tensor, delta_RD: Tensor | None) -> tuple[Tensor, Tensor]:
        """x + delta for the residual stream, and its norm."""
        if self.is_layer:
            if delta_RD is None:
                return ops.layernorm(x_RD, self.gain_D, self.bias_D, self.epsilon)
            return ops.add_layernorm(x_RD, delta_RD, self.gain_D, self.bias_D, self.epsilon)
        if delta_RD is None:
            return ops.rmsnorm(x_RD, self._factor_D(), self.epsilon)
        return ops.add_rmsnorm(x_RD, delta_RD, self._factor_D(), self.epsilon)

    def alone(self, x_RD: Tensor) -> Tensor:
        """The norm of what is no residual stream: an RMSNorm in every family that has one."""
        return ops.rms_normalize(x_RD, self._factor_D(), self.epsilon)

    def _factor_D(self) -> Tensor:
        gain_D = self.gain_D
        assert gain_D is not None  # a description of RMSNorm has one
        return ops.plus_one(gain_D) if self.is_plus_one else gain_D
