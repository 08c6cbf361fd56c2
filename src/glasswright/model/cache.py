"""Keys and values of the positions that were fed: what a text's continuation starts from."""

from dataclasses import dataclass, field

from torch import Tensor


@dataclass
class KeyValueCache:
    """Keys (S, U, G, E) and values (S, U, G, F) of the positions fed so far, per layer, in memory with room for more.

    Room is doubled where it ends: feeding a text token by token writes each position some two times, not once for every
    position after it.
    """

    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)
    num_positions: int = 0

    def extend(self, layer: int, k_STGE: Tensor, v_STGF: Tensor) -> tuple[Tensor, Tensor]:
        """Keep what follows the positions fed so far; give back all that a layer then has."""
        return self._extended(self.keys, layer, k_STGE), self._extended(self.values, layer, v_STGF)

    def _extended(self, kept: dict[int, Tensor], layer: int, x_STGE: Tensor) -> Tensor:
        T, end = x_STGE.shape[1], self.num_positions + x_STGE.shape[1]
        if layer not in kept or kept[layer].shape[1] < end:
            kept[layer] = self._with_room(kept.get(layer), x_STGE, end)
        kept[layer].narrow(1, self.num_positions, T).copy_(x_STGE)
        return kept[layer].narrow(1, 0, end).contiguous()  # of one sequence these are the first in memory: no copy

    def _with_room(self, held: Tensor | None, x_STGE: Tensor, num_positions: int) -> Tensor:
        S, _, G, E = x_STGE.shape
        if held is None:
            return x_STGE.new_empty(S, num_positions, G, E)
        roomy = x_STGE.new_empty(S, max(2 * held.shape[1], num_positions), G, E)
        roomy.narrow(1, 0, self.num_positions).copy_(held.narrow(1, 0, self.num_positions))
        return roomy
