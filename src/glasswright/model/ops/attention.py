"""Causal attention."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q_STHE: Tensor, k_SUGE: Tensor, v_SUGE: Tensor, scale: float) -> Tensor:
        S, T, H, _ = q_STHE.shape
        backend = backends.of(q_STHE)
        out_STHE, logsumexp_SHT = backend.empty(*q_STHE.shape), backend.empty(S, H, T)
        backend.kernel("attention")(q_STHE, k_SUGE, v_SUGE, scale, out_STHE, logsumexp_SHT)
        ctx.save_for_backward(q_STHE, k_SUGE, v_SUGE, out_STHE, logsumexp_SHT)
        ctx.scale = scale
        return out_STHE

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_STHE: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        q, k, v, out, logsumexp = ctx.saved_tensors
        backend = backends.of(q)
        dq, dk, dv = backend.empty(*q.shape), backend.empty(*k.shape), backend.empty(*v.shape)
        backward = backend.kernel("attention_backward")
        backward(dout_STHE.contiguous(), q, k, v, out, logsumexp, ctx.scale, dq, dk, dv)
        return dq, dk, dv, None


def attention(q_STHE: Tensor, k_SUGE: Tensor, v_SUGE: Tensor, scale: float) -> Tensor:
    """Causal attention with grouped queries: (S, T, H, E). Query t sees keys 0 to U - T + t."""
    return _Attention.apply(q_STHE, k_SUGE, v_SUGE, scale)  # type: ignore[no-any-return,no-untyped-call]
