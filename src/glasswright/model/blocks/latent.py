"""Multi-head latent attention: what it adds to the residual stream.

    q = q_b(norm(q_a(x)))  or  q(x)                 of each head: channels that stay, then channels that turn
    latent, k_turned = kv_a(x)                      the channels of keys that turn are one for all heads
    k_plain, v = kv_b(norm(latent))                 of each head
    k = k_plain, turn(k_turned)

Source: DeepSeek-AI 2024 (V2), section 2.1.
"""

from collections.abc import Mapping
from decimal import Decimal, localcontext

import numpy as np
import torch
from torch import Tensor

from glasswright.kernels.rounding import PRECISION, nearest_binary32, square_root
from glasswright.model import ops
from glasswright.model.blocks.attention import attended
from glasswright.model.positions import Positions
from glasswright.records.model import Model

NORM_EPSILON = nearest_binary32(Decimal("0.000001"))  # of both norms here, whatever the model's is: as published


class LatentAttention:
    """Attention of one layer, whose keys and values come from a narrow vector a row."""

    def __init__(self, model: Model, weights: Mapping[str, Tensor], layer: int):
        assert model.latent is not None
        self.model, self.latent, self.weights, self.layer = model, model.latent, weights, layer
        self.scale = nearest_binary32(logit_scale(model))

    def __call__(self, x_RD: Tensor, positions: Positions) -> Tensor:
        R, S = x_RD.shape[0], positions.num_sequences
        H, E, T = self.model.num_heads, self.model.head_size, R // S
        q_RHE, latent_RC, k_turned_Re = self._projected(x_RD)
        k_plain_RHe, v_RHF = self._keys_and_values(latent_RC)
        k_turned_RHe = self._for_each_head(self._turned(k_turned_Re.view(R, 1, -1), positions))
        q_plain_RHe, q_turned_RHe = torch.split(q_RHE, [self.latent.plain_size, self.latent.turned_size], dim=2)
        q_RHE = torch.cat([q_plain_RHe, self._turned(q_turned_RHe.contiguous(), positions)], dim=2)
        k_RHE = torch.cat([k_plain_RHe, k_turned_RHe], dim=2)
        k_STHE, v_STHF = k_RHE.view(S, T, H, E), v_RHF.contiguous().view(S, T, H, -1)
        out_STHF = attended(positions, self.layer, q_RHE.view(S, T, H, E), k_STHE, v_STHF, self.scale)
        (delta_RD,) = ops.linear(out_STHF.view(R, -1), self.weights["o.weight"])
        return delta_RD

    def _projected(self, x_RD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries by head, and of keys and values the latent vector and the channels that turn."""
        of_q = "q_a.weight" if self.latent.query_rank else "q.weight"
        q_RN, kv_RN = ops.linear(x_RD, self.weights[of_q], self.weights["kv_a.weight"])
        if self.latent.query_rank:
            _, normed_RC = ops.rmsnorm(q_RN, self.weights["q_a_norm.gain"], NORM_EPSILON)
            (q_RN,) = ops.linear(normed_RC, self.weights["q_b.weight"])
        latent_RC, k_turned_Re = torch.split(kv_RN, [self.latent.rank, self.latent.turned_size], dim=1)
        return q_RN.view(len(x_RD), self.model.num_heads, -1), latent_RC.contiguous(), k_turned_Re.contiguous()

    def _keys_and_values(self, latent_RC: Tensor) -> tuple[Tensor, ...]:
        """The channels of keys that stay, and values, by head."""
        _, normed_RC = ops.rmsnorm(latent_RC, self.weights["kv_a_norm.gain"], NORM_EPSILON)
        (kv_RN,) = ops.linear(normed_RC, self.weights["kv_b.weight"])
        by_head = kv_RN.view(len(latent_RC), self.model.num_heads, -1)
        return torch.split(by_head, [self.latent.plain_size, self.latent.value_size], dim=2)

    def _turned(self, x_RHe: Tensor, positions: Positions) -> Tensor:
        assert positions.angles is not None
        turn = ops.rotary_interleaved if self.model.positions.pairs == "interleaved" else ops.rotary
        return turn(x_RHe, *positions.angles.full)

    def _for_each_head(self, x_R1e: Tensor) -> Tensor:
        """One row for all heads, copied; what comes back from them is added in their order."""
        R, _, e = x_R1e.shape
        row_N = torch.from_numpy(np.repeat(np.arange(R), self.model.num_heads)).to(x_R1e.device)
        copies_Ne, _ = ops.embedding(x_R1e.view(R, e), row_N)
        return copies_Ne.view(R, self.model.num_heads, e)


def logit_scale(model: Model) -> Decimal:
    """What logits are multiplied by: YaRN's temperature is in it, squared, where its mscale_all_dim says so."""
    scaling = model.positions.scaling
    with localcontext() as context:
        context.prec = PRECISION
        scale = 1 / square_root(model.head_size)
        if scaling is None or not scaling.mscale_all_dim or scaling.factor <= 1:
            return scale
        return scale * (1 + scaling.mscale_all_dim * scaling.factor.ln() / 10) ** 2
