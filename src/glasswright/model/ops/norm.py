"""Normalization of rows. A gain that is absent is ones, a bias zeros."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends
from glasswright.model.ops.operation import Operation


class _RMSNorm(Operation):
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
    return _RMSNorm.apply(x_RD, gain_D, epsilon)  # type: ignore[no-any-return]


class _RMSNormAlone(Operation):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, gain_D: Tensor, epsilon: float) -> Tensor:
        backend = backends.of(x_RD)
        out_RD, rstd_R = backend.empty(*x_RD.shape), backend.empty(x_RD.shape[0])
        backend.kernel("rmsnorm")(x_RD, gain_D, epsilon, out_RD, rstd_R)
        ctx.save_for_backward(x_RD, gain_D, rstd_R)
        return out_RD

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RD: Tensor) -> tuple[Tensor, Tensor, None]:
        x_RD, gain_D, rstd_R = ctx.saved_tensors
        backend = backends.of(x_RD)
        dx_RD, dgain_D = backend.empty(*x_RD.shape), backend.empty(*gain_D.shape)
        backend.kernel("rmsnorm_backward")(dout_RD.contiguous(), x_RD, gain_D, rstd_R, dx_RD, dgain_D)
        return dx_RD, dgain_D, None


def rms_normalize(x_RD: Tensor, gain_D: Tensor | None, epsilon: float) -> Tensor:
    """The norm of `rmsnorm` alone, for what is no residual stream: queries and keys, or what a sublayer returns."""
    return _RMSNormAlone.apply(x_RD, _or_ones(gain_D, x_RD), epsilon)  # type: ignore[no-any-return]


class _AddRMSNorm(Operation):
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
    return _AddRMSNorm.apply(x_RD, delta_RD, gain_D, epsilon)  # type: ignore[no-any-return]


def _norm_backward(ctx: Any, dsum_RD: Tensor, dout_RD: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of what was normed, along the stream and through the norm, and of the gain."""
    sum_RD, gain_D, rstd_R = ctx.saved_tensors
    backend = backends.of(sum_RD)
    dx_RD, dgain_D = backend.empty(*sum_RD.shape), backend.empty(*gain_D.shape)
    backward = backend.kernel("add_rmsnorm_backward")
    backward(dsum_RD.contiguous(), dout_RD.contiguous(), sum_RD, gain_D, rstd_R, dx_RD, dgain_D)
    return dx_RD, dgain_D


class _LayerNorm(Operation):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, gain_D: Tensor, bias_D: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
        backend = backends.of(x_RD)
        out_RD, mean_R, rstd_R = backend.empty(*x_RD.shape), *(backend.empty(x_RD.shape[0]) for _ in range(2))
        backend.kernel("layernorm")(x_RD, gain_D, bias_D, epsilon, out_RD, mean_R, rstd_R)
        ctx.save_for_backward(x_RD, gain_D, mean_R, rstd_R)
        return x_RD, out_RD

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dx_RD: Tensor, dout_RD: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        return *_layernorm_backward(ctx, dx_RD, dout_RD), None


def layernorm(x_RD: Tensor, gain_D: Tensor | None, bias_D: Tensor | None, epsilon: float) -> tuple[Tensor, Tensor]:
    """x itself, for the residual stream, and (x - mean) / sqrt(variance + epsilon) * gain + bias, per row (Ba et al.
    2016, eq. 4)."""
    gain_D, bias_D = _or_ones(gain_D, x_RD), _or_zeros(bias_D, x_RD)
    return _LayerNorm.apply(x_RD, gain_D, bias_D, epsilon)  # type: ignore[no-any-return]


class _AddLayerNorm(Operation):
    @staticmethod
    def forward(
        ctx: Any, x_RD: Tensor, delta_RD: Tensor, gain_D: Tensor, bias_D: Tensor, epsilon: float
    ) -> tuple[Tensor, Tensor]:
        backend = backends.of(x_RD)
        sum_RD, out_RD = backend.empty(*x_RD.shape), backend.empty(*x_RD.shape)
        mean_R, rstd_R = backend.empty(x_RD.shape[0]), backend.empty(x_RD.shape[0])
        backend.kernel("add_layernorm")(x_RD, delta_RD, gain_D, bias_D, epsilon, sum_RD, out_RD, mean_R, rstd_R)
        ctx.save_for_backward(sum_RD, gain_D, mean_R, rstd_R)
        return sum_RD, out_RD

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dsum_RD: Tensor, dout_RD: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        dx_RD, dgain_D, dbias_D = _layernorm_backward(ctx, dsum_RD, dout_RD)
        return dx_RD, dx_RD, dgain_D, dbias_D, None


def add_layernorm(
    x_RD: Tensor, delta_RD: Tensor, gain_D: Tensor | None, bias_D: Tensor | None, epsilon: float
) -> tuple[Tensor, Tensor]:
    """x + delta, and its layernorm, in one pass over memory."""
    gain_D, bias_D = _or_ones(gain_D, x_RD), _or_zeros(bias_D, x_RD)
    return _AddLayerNorm.apply(x_RD, delta_RD, gain_D, bias_D, epsilon)  # type: ignore[no-any-return]


def _layernorm_backward(ctx: Any, dsum_RD: Tensor, dout_RD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of what was normed, along the stream and through the norm, of the gain and of the bias."""
    sum_RD, gain_D, mean_R, rstd_R = ctx.saved_tensors
    backend = backends.of(sum_RD)
    dx_RD, dgain_D, dbias_D = (backend.empty(*like.shape) for like in (sum_RD, gain_D, gain_D))
    backward = backend.kernel("add_layernorm_backward")
    backward(
        dsum_RD.contiguous(), dout_RD.contiguous(), sum_RD, gain_D, mean_R, rstd_R, dx_RD, dgain_D, dbias_D
    )  # fmt: skip
    return dx_RD, dgain_D, dbias_D


class _PlusOne(Operation):
    @staticmethod
    def forward(ctx: Any, gain_D: Tensor) -> Tensor:  # noqa: ARG004
        backend = backends.of(gain_D)
        out_D = backend.empty(*gain_D.shape)
        backend.kernel("add")(gain_D, torch.ones_like(gain_D), out_D)
        return out_D

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_D: Tensor) -> Tensor:  # noqa: ARG004
        return dout_D


def plus_one(gain_D: Tensor) -> Tensor:
    """1 + gain, each rounded once: how Gemma keeps its gains, so that decay draws them to one."""
    return _PlusOne.apply(gain_D)  # type: ignore[no-any-return]


def _or_ones(gain_D: Tensor | None, x_RD: Tensor) -> Tensor:
    return torch.full(x_RD.shape[1:], 1.0, device=x_RD.device) if gain_D is None else gain_D


def _or_zeros(bias_D: Tensor | None, x_RD: Tensor) -> Tensor:
    return torch.zeros(x_RD.shape[1:], device=x_RD.device) if bias_D is None else bias_D
