"""Causal attention."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

import torch
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


class _PackedAttention(Operation):
    """Attention of several texts that lie end to end, each by itself."""

    @staticmethod
    def forward(ctx: Any, q_RHE: Tensor, k_RGE: Tensor, v_RGF: Tensor, lengths: tuple[int, ...], *rule: Any) -> Tensor:
        R, H, _ = q_RHE.shape
        backend = backends.of(q_RHE)
        out_RHF, logsumexp_RH = backend.empty(R, H, v_RGF.shape[2]), backend.empty(R, H)
        kernel = backend.kernel("attention")
        for text in _texts(lengths):
            q, k, v, out = (_alone(it, text) for it in (q_RHE, k_RGE, v_RGF, out_RHF))
            kernel(q, k, v, *rule, out, _logsumexp(logsumexp_RH, text))
        ctx.save_for_backward(q_RHE, k_RGE, v_RGF, out_RHF, logsumexp_RH)
        ctx.lengths, ctx.rule = lengths, rule
        return out_RHF

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout: Tensor) -> tuple[Any, ...]:
        *given, logsumexp_RH = ctx.saved_tensors
        backend, dout_RHF = backends.of(dout), dout.contiguous()
        gradients = [backend.empty(*it.shape) for it in given[:3]]
        kernel = backend.kernel("attention_backward")
        for text in _texts(ctx.lengths):
            alone = [_alone(it, text) for it in (dout_RHF, *given)]
            kernel(*alone, _logsumexp(logsumexp_RH, text), *ctx.rule, *(_alone(it, text) for it in gradients))
        return *gradients, None, *(None for _ in ctx.rule)


def _texts(lengths: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The first row of each text, and how many it has."""
    return zip(accumulate(lengths, initial=0), lengths, strict=False)


def _alone(rows: Tensor, text: tuple[int, int]) -> Tensor:
    """A text's rows as the one sequence of a batch."""
    return rows.narrow(0, *text).view(1, text[1], *rows.shape[1:])


def _logsumexp(logsumexp_RH: Tensor, text: tuple[int, int]) -> Tensor:
    """Where a text's are kept, (1, H, T): only its own kernels read them, so how they lie among its rows is theirs."""
    return logsumexp_RH.narrow(0, *text).view(1, logsumexp_RH.shape[1], text[1])


def packed_attention(
    q_STHE: Tensor, k_STGE: Tensor, v_STGF: Tensor, lengths: tuple[int, ...], scale: float, *,
    window: int = 0, soft_cap: float = 0.0,
) -> Tensor:  # fmt: skip
    """`attention` within each of the texts that lie end to end in the one sequence, with the bits each has alone."""
    rows = (it.flatten(0, 1) for it in (q_STHE, k_STGE, v_STGF))
    return _PackedAttention.apply(*rows, lengths, scale, window, soft_cap).unsqueeze(0)  # type: ignore[no-any-return]


def branched_attention(
    q_STHE: Tensor, k_STGE: Tensor, v_STGF: Tensor, branches: Iterable[tuple[int, Sequence[int]]], scale: float, *,
    window: int = 0, soft_cap: float = 0.0,
) -> Tensor:  # fmt: skip
    """`attention` of texts that share beginnings, with the bits each has alone: no gradient.

    branches:  of each beginning its positions, and those of every rest behind it, all end to end in the one sequence
    """
    q_RHE, k_RGE, v_RGF = (it.flatten(0, 1) for it in (q_STHE, k_STGE, v_STGF))
    backend = backends.of(q_RHE)
    out_RHF = backend.empty(*q_RHE.shape[:2], v_RGF.shape[2])
    kernel = backend.kernel("attention")

    def attend(own: tuple[int, int], keys: Tensor, values: Tensor) -> None:
        q, out = _alone(q_RHE, own), _alone(out_RHF, own)
        kernel(q, keys, values, scale, window, soft_cap, out, backend.empty(1, q.shape[2], q.shape[1]))

    first = 0
    for shared, rests in branches:
        beginning = (first, shared)
        k, v = (_alone(it, beginning) for it in (k_RGE, v_RGF))
        attend(beginning, k, v)
        first += shared
        for rest in rests:
            own = (first, rest)
            attend(own, *(torch.cat([it, _alone(mine, own)], 1) for it, mine in ((k, k_RGE), (v, v_RGF))))
            first += rest
    return out_RHF.unsqueeze(0)


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
