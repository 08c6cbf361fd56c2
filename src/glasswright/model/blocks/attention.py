"""Causal self-attention with grouped queries: what it adds to the residual stream."""

from collections.abc import Mapping
from fractions import Fraction

from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32, square_root
from glasswright.model import ops
from glasswright.model.positions import Positions
from glasswright.records.model import Model


class Attention:
    """Attention of one layer (Ainslie et al. 2023)."""

    def __init__(self, model: Model, weights: Mapping[str, Tensor], layer: int):
        self.model, self.weights, self.layer = model, weights, layer
        self.window = 0 if model.sees_all(layer) else model.attention.window
        self.soft_cap = nearest_binary32(model.attention.soft_cap)
        self.scale = nearest_binary32(1 / square_root(Fraction(model.attention.scale_size) or model.head_size))

    def __call__(self, x_RD: Tensor, positions: Positions) -> Tensor:
        R, S = x_RD.shape[0], positions.num_sequences
        H, G, E, T = self.model.num_heads, self.model.num_kv_heads, self.model.head_size, R // S
        q, k, v = ops.linear(x_RD, *(self.weights[f"{slot}.weight"] for slot in "qkv"))
        q_STHE = self._turned(q.view(R, H, E), positions).view(S, T, H, E)
        k_STGE = self._turned(k.view(R, G, E), positions).view(S, T, G, E)
        v_STGE = v.view(S, T, G, E)
        if positions.cache is not None:
            k_STGE, v_STGE = positions.cache.extend(self.layer, k_STGE, v_STGE)
        out_STHE = ops.attention(q_STHE, k_STGE, v_STGE, self.scale, window=self.window, soft_cap=self.soft_cap)
        (delta_RD,) = ops.linear(out_STHE.view(R, H * E), self.weights["o.weight"])
        return delta_RD

    def _turned(self, x_RHE: Tensor, positions: Positions) -> Tensor:
        if positions.angles is None:
            return x_RHE
        return ops.rotary(x_RHE, *positions.angles)
