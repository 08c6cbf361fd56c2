"""Where the tokens that are fed stand: the rotary angles of their positions, and what is remembered of those before."""

from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32, power
from glasswright.model import ops
from glasswright.model.cache import KeyValueCache
from glasswright.records.model import Model


@dataclass(frozen=True)
class Positions:
    """What all layers know of the positions that are fed."""

    num_sequences: int
    first: int
    angles: tuple[Tensor, Tensor] | None  # cosines and sines, (T, e) each; None where positions are learned
    cache: KeyValueCache | None = None


class Rotation:
    """The angles of a description's positions."""

    def __init__(self, model: Model):
        self.inverse_frequency_e = torch.tensor(_inverse_frequencies(model))

    def angles(self, first: int, count: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines of `count` positions from `first` on, (T, e) each."""
        return ops.rotary_table(self.inverse_frequency_e, first, count)


def _inverse_frequencies(model: Model) -> list[float]:
    """theta ** (-2i / E) for i below E / 2, each rounded once."""
    E = model.turned_size
    return [nearest_binary32(power(model.rope_theta, Fraction(-2 * i, E))) for i in range(E // 2)]
