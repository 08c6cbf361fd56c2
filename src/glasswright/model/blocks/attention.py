"""Causal self-attention with grouped queries: what it adds to the residual stream."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32, square_root
from glasswright.model import ops
from glasswright.model.blocks.norm import Norm
from glasswright.model.blocks.projection import Projection
from glasswright.model.positions import Positions
from glasswright.records.families import family_of
from glasswright.records.model import Model


class Attention:
    """Attention of one layer (Ainslie et al. 2023)."""

    def __init__(self, model: Model, weights: Mapping[str, Tensor], layer: int):
        self.model, self.layer = model, layer
        self.fused = family_of(model.family).fused
        self.inputs = Projection(model, weights, *(("qkv",) if self.fused else ("q", "k", "v")))
        self.output = Projection(model, weights, "o")
        has_norms = model.attention.qk_norm != "none"
        self.q_norm, self.k_norm = (Norm(model, weights, f"{it}_norm") if has_norms else None for it in "qk")
        self.turn = ops.rotary_interleaved if model.positions.pairs == "interleaved" else ops.rotary
        self.window = 0 if model.sees_all(layer) else model.attention.window
        self.soft_cap = nearest_binary32(model.attention.soft_cap)
        self.scale = nearest_binary32(1 / square_root(Fraction(model.attention.scale_size) or model.head_size))

    def __call__(self, x_RD: Tensor, positions: Positions) -> Tensor:
        R, S = x_RD.shape[0], positions.num_sequences
        H, G, E, T = self.model.num_heads, self.model.num_kv_heads, self.model.head_size, R // S
        q, k, v = self._queries_keys_values(x_RD)
        q_STHE = self._turned(_normed(self.q_norm, q).view(R, H, E), positions).view(S, T, H, E)
        k_STGE = self._turned(_normed(self.k_norm, k).view(R, G, E), positions).view(S, T, G, E)
        v_STGE = v.view(S, T, G, E)
        rule = {"window": self.window, "soft_cap": self.soft_cap}
        out_STHE = attended(positions, self.layer, q_STHE, k_STGE, v_STGE, self.scale, **rule)
        (delta_RD,) = self.output(out_STHE.view(R, H * E))
        return delta_RD

    def _queries_keys_values(self, x_RD: Tensor) -> tuple[Tensor, ...]:
        """(R, H E), (R, G E) and (R, G E): each by its own matrix, or three parts of what one gives."""
        if not self.fused:
            return self.inputs(x_RD)
        (qkv,) = self.inputs(x_RD)
        groups = self.model.num_heads if self.fused == "heads" else 1
        return tuple(it.contiguous() for it in qkv.view(len(x_RD), groups, 3, -1).unbind(2))

    def _turned(self, x_RHE: Tensor, positions: Positions) -> Tensor:
        if positions.angles is None:
            return x_RHE
        angles = positions.angles.window if self.window else positions.angles.full
        return self.turn(x_RHE, *angles)


def attended(
    positions: Positions, layer: int, q_STHE: Tensor, k_STGE: Tensor, v_STGF: Tensor, scale: float, **rule: Any
) -> Tensor:
    """Attention over these positions, of packed texts within each, of texts that share a beginning over that as well;
    where there is a cache over those before too, with which these are then kept."""
    if positions.lengths is not None:
        return ops.packed_attention(q_STHE, k_STGE, v_STGF, positions.lengths, scale, **rule)
    if positions.branches is not None:
        return ops.branched_attention(q_STHE, k_STGE, v_STGF, positions.branches, scale, **rule)
    cache = positions.cache
    if cache is None:
        return ops.attention(q_STHE, k_STGE, v_STGF, scale, **rule)
    memory = cache.of_layer(layer, k_STGE, v_STGF)
    return ops.continued_attention(q_STHE, k_STGE, v_STGF, cache.position_1, *memory, scale, **rule)


def _normed(norm: Norm | None, x: Tensor) -> Tensor:
    """Each head's channels normed, or all heads' together: as wide as the norm's gain."""
    return norm.alone(x.view(-1, norm.width)) if norm else x
