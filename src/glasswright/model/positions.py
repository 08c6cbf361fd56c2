"""Where the tokens that are fed stand: the rotary angles of their positions, and what is remembered of those before."""

from dataclasses import dataclass

import torch
from torch import Tensor

from glasswright.model import ops
from glasswright.model.cache import KeyValueCache
from glasswright.model.rotary_frequencies import frequencies
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
        inverse_frequency_e, self.factor = frequencies(model.rope_theta, model.turned_size, model.positions.scaling)
        self.inverse_frequency_e = torch.tensor(inverse_frequency_e)

    def angles(self, first: int, count: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines of `count` positions from `first` on, (T, e) each."""
        return ops.rotary_table(self.inverse_frequency_e, first, count, factor=self.factor)
