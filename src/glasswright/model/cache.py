"""Keys and values of the positions that were fed: what a text's continuation starts from."""

from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass
class KeyValueCache:
    """Keys (S, U, G, E) and values (S, U, G, F) of the positions fed so far, per layer."""

    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)
    num_positions: int = 0

    def extend(self, layer: int, k_STGE: Tensor, v_STGF: Tensor) -> tuple[Tensor, Tensor]:
        if layer in self.keys:
            k_STGE = torch.cat([self.keys[layer], k_STGE], dim=1)
            v_STGF = torch.cat([self.values[layer], v_STGF], dim=1)
        self.keys[layer], self.values[layer] = k_STGE, v_STGF
        return k_STGE, v_STGF
