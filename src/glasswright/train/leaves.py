"""A leaf of a batch: a fixed number of sequences whose loss and gradient are computed alone (rule 9)."""

from dataclasses import dataclass

from torch import Tensor

from glasswright.model import ops


@dataclass(frozen=True, slots=True)
class LeafSum:
    """The summed losses of some leaves' tokens in nats, and the gradient of the scaled sum, if one was asked for."""

    loss: Tensor  # (1,)
    gradients: tuple[Tensor, ...] = ()  # one for each parameter, in the model's order

    def add(self, other: "LeafSum") -> "LeafSum":
        """self + other, in self's memory."""
        ops.add_(self.loss, other.loss)
        for total, part in zip(self.gradients, other.gradients, strict=True):
            ops.add_(total, part)
        return self
