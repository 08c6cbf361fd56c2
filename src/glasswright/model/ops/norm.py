"""Normalization of rows."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends


class _RMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, gain_D: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
        backend = backends.of(x_RD)
        out_RD, rstd_R = backend.empty(*x_RD.shape), backend.empty(x_RD.shape[0])
        backend.kernel("rmsnorm")(x_RD, gain_D, epsilon, out_RD, rstd_R)
        ctx.save_for_backward(x_RD, gain_D, rstd_R)
        return x_RD, out_RD

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dx_RD: Tensor, dout_RD: Tensor) -> tuple[Tensor, Tensor, None]:
        return *_norm_backward(ctx, dx_RD, dout_RD), None


def rmsnorm(x_RD: Tensor, gain_D: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """x itself, for the residual stream, and x / sqrt(mean(x^2) + epsilon) * gain, per row (Zhang and Sennrich 2019,
    eq. 4)."""
    return _RMSNorm.apply(x_RD, gain_D, epsilon)  # type: ignore[no-any-return,no-untyped-call]


class _AddRMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, delta_RD: Tensor, gain_D: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
        backend = backends.of(x_RD)
        sum_RD, out_RD, rstd_R = backend.empty(*x_RD.shape), backend.empty(*x_RD.shape), backend.empty(x_RD.shape[0])
        backend.kernel("add_rmsnorm")(x_RD, delta_RD, gain_D, epsilon, sum_RD, out_RD, rstd_R)
        ctx.save_for_backward(sum_RD, gain_D, rstd_R)
        return sum_RD, out_RD

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dsum_RD: Tensor, dout_RD: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        dx_RD, dgain_D = _norm_backward(ctx, dsum_RD, dout_RD)
        return dx_RD, dx_RD, dgain_D, None


def add_rmsnorm(x_RD: Tensor, delta_RD: Tensor, gain_D: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """x + delta, and its rmsnorm, in one pass over memory."""
    return _AddRMSNorm.apply(x_RD, delta_RD, gain_D, epsilon)  # type: ignore[no-any-return,no-untyped-call]


def _norm_backward(ctx: Any, dsum_RD: Tensor, dout_RD: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of what was normed, along the stream and through the norm, and of the gain."""
    sum_RD, gain_D, rstd_R = ctx.saved_tensors
    backend = backends.of(sum_RD)
    dx_RD, dgain_D = backend.empty(*sum_RD.shape), backend.empty(*gain_D.shape)
    backward = backend.kernel("add_rmsnorm_backward")
    backward(dsum_RD.contiguous(), dout_RD.contiguous(), sum_RD, gain_D, rstd_R, dx_RD, dgain_D)
    return dx_RD, dgain_D
