"""Causal attention."""

from typing import Any

from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends
from glasswright.model.ops.operation import Operation


class _Attention(Operation):
    @staticmethod
    def forward(
        ctx: Any, q_STHE: Tensor, k_SUGE: Tensor, v_SUGF: Tensor, scale: float, window: int, soft_cap: float
    ) -> Tensor:
        S, T, H, _ = q_STHE.shape
        backend = backends.of(q_STHE)
        out_STHF, logsumexp_SHT = backend.empty(S, T, H, v_SUGF.shape[3]), backend.empty(S, H, T)
        backend.kernel("attention")(q_STHE, k_SUGE, v_SUGF, scale, window, soft_cap, out_STHF, logsumexp_SHT)
        ctx.save_for_backward(q_STHE, k_SUGE, v_SUGF, out_STHF, logsumexp_SHT)
        ctx.rule = scale, window, soft_cap
        return out_STHF

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_STHF: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None, None]:
        q, k, v, out, logsumexp = ctx.saved_tensors
        backend = backends.of(q)
        dq, dk, dv = backend.empty(*q.shape), backend.empty(*k.shape), backend.empty(*v.shape)
        backward = backend.kernel("attention_backward")
        backward(dout_STHF.contiguous(), q, k, v, out, logsumexp, *ctx.rule, dq, dk, dv)
        return dq, dk, dv, None, None, None


def attention(
    q_STHE: Tensor, k_SUGE: Tensor, v_SUGF: Tensor, scale: float, *, window: int = 0, soft_cap: float = 0.0
) -> Tensor:
    """Causal attention with grouped queries: (S, T, H, F).

    Query t sees the keys 0 to U - T + t, with a window the last `window` of these. With a soft cap, a logit is
    soft_cap * tanh(logit / soft_cap).
    """
    return _Attention.apply(q_STHE, k_SUGE, v_SUGF, scale, window, soft_cap)  # type: ignore[no-any-return]


def continued_attention(
    q_STHE: Tensor, k_STGE: Tensor, v_STGF: Tensor, position_1: Tensor, keys_SCGE: Tensor, values_SCGF: Tensor,
    scale: float, *, window: int = 0, soft_cap: float = 0.0,
) -> Tensor:  # fmt: skip
    """`attention` over all positions up to these, whose keys and values are kept with those before: no gradient.

    The first query stands at position_1[0].
    """
    S, T, H, _ = q_STHE.shape
    backend = backends.of(q_STHE)
    out_STHF, logsumexp_SHT = backend.empty(S, T, H, v_STGF.shape[3]), backend.empty(S, H, T)
    backend.kernel("continued_attention")(
        q_STHE, k_STGE, v_STGF, position_1, scale, window, soft_cap, keys_SCGE, values_SCGF, out_STHF, logsumexp_SHT
    )
    return out_STHF
