"""Where the tokens that are fed stand: the rotary angles of their positions, and what is remembered of those before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from glasswright.model import ops
from glasswright.model.cache import KeyValueCache
from glasswright.model.rotary_frequencies import frequencies
from glasswright.records.model import Model


class Branches(NamedTuple):
    """Texts that begin alike: the beginning lies once, and behind it the rest of each, end to end."""

    shared: int  # positions of the beginning
    rests: tuple[int, ...]  # positions of each rest

    def spans(self) -> list[tuple[int, int]]:
        """The first position, and how many, of what lies end to end."""
        return [(0, self.shared), *((self.shared, rest) for rest in self.rests)]


@dataclass(frozen=True)
class Positions:
    """What all layers know of the positions that are fed: their angles, or where they are learned their rows (R,).

    Texts of several lengths may lie packed, end to end, in one sequence: each has positions of its own from the first.
    So may texts that share their beginnings.
    """

    num_sequences: int
    angles: "Angles | None"
    learned_R: Tensor | None
    cache: KeyValueCache | None = None
    lengths: tuple[int, ...] | None = None  # of packed texts
    branches: tuple[Branches, ...] | None = None  # of texts that share beginnings

    def tensors(self) -> list[Tensor]:
        """What is another from one position to the next."""
        if self.angles is None:
            assert self.learned_R is not None
            return [self.learned_R]
        return [*self.angles.full, *self.angles.window]


@dataclass(frozen=True)
class Angles:
    """Cosines and sines of the positions, (T, e) each: in layers that see everything, and in those with a window."""

    full: tuple[Tensor, Tensor]
    window: tuple[Tensor, Tensor]

    def packed(self, spans: Sequence[tuple[int, int]]) -> "Angles":
        """Those of runs of these positions, each its first position and how many, that lie end to end."""
        return Angles(_packed(self.full, spans), _packed(self.window, spans))


def _packed(tables: tuple[Tensor, Tensor], spans: Sequence[tuple[int, int]]) -> tuple[Tensor, Tensor]:
    cos_Te, sin_Te = (torch.cat([table_Te.narrow(0, *span) for span in spans]) for table_Te in tables)
    return cos_Te, sin_Te


def learned_rows(num_sequences: int, first: int, count: int, device: str) -> Tensor:
    """The row of each of `count` positions from `first` on, of each sequence: (R,)."""
    position_T = torch.tensor(range(first, first + count), device=device)
    return position_T.expand(num_sequences, count).reshape(-1).contiguous()


class Rotation:
    """The angles of a description's positions, on a device."""

    def __init__(self, model: Model, device: str):
        positions, size = model.positions, model.turned_size
        self.full = Frequencies(*frequencies(model.rope_theta, size, positions.scaling), device)
        self.window = (
            Frequencies(*frequencies(positions.window_theta, size, None), device) if positions.window_theta else None
        )

    def angles(self, first: int, count: int) -> Angles:
        """Those of `count` positions from `first` on."""
        full = self.full.angles(first, count)
        return Angles(full, self.window.angles(first, count) if self.window else full)


class Frequencies:
    """How fast each pair of channels turns, and the factor on cosines and sines."""

    def __init__(self, inverse_frequency_e: Sequence[float], factor: float, device: str):
        self.inverse_frequency_e, self.factor = torch.tensor(inverse_frequency_e, device=device), factor

    def angles(self, first: int, count: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines of `count` positions from `first` on, (T, e) each."""
        return ops.rotary_table(self.inverse_frequency_e, first, count, factor=self.factor)
