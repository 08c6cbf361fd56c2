"""Keys and values of the positions that were fed: what a text's continuation starts from."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from glasswright.model.step import Step

ROOM = 64  # positions at first: a block of keys


@dataclass
class KeyValueCache:
    """Keys (S, C, G, E) and values (S, C, G, F) of the positions fed so far, per layer, in memory with room for more.

    Room is doubled where it ends: feeding a text token by token writes each position some two times, not once for every
    position after it. A recorded step belongs to the memory that it writes to, and goes with it.
    """

    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)
    num_positions: int = 0
    position_1: Tensor = field(default_factory=lambda: torch.zeros(1, dtype=torch.int64))  # the same, for kernels
    room: int = ROOM
    step: Step | None = None

    def make_room(self, num_positions: int) -> None:
        """For so many after those fed so far."""
        needed = self.num_positions + num_positions
        if needed > self.room:
            self.room, self.step = max(2 * self.room, needed), None
            for kept in (self.keys, self.values):
                kept.update({layer: self._with_room(held) for layer, held in kept.items()})

    def of_layer(self, layer: int, k_STGE: Tensor, v_STGF: Tensor) -> tuple[Tensor, Tensor]:
        """The memory of a layer, whose keys and values are of the shapes of these."""
        for kept, x in ((self.keys, k_STGE), (self.values, v_STGF)):
            if layer not in kept:
                kept[layer] = x.new_empty(x.shape[0], self.room, *x.shape[2:])
        return self.keys[layer], self.values[layer]

    def advance(self, num_positions: int) -> None:
        """So many more have been fed."""
        self.num_positions += num_positions
        self.position_1.fill_(self.num_positions)

    def _with_room(self, held: Tensor) -> Tensor:
        roomy = held.new_empty(held.shape[0], self.room, *held.shape[2:])
        roomy.narrow(1, 0, self.num_positions).copy_(held.narrow(1, 0, self.num_positions))
        return roomy
