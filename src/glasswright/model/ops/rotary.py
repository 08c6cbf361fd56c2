"""Positions as rotations."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends


class _Rotary(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_RHE: Tensor, cos_Te: Tensor, sin_Te: Tensor) -> Tensor:
        ctx.save_for_backward(cos_Te, sin_Te)
        backend = backends.of(x_RHE)
        out_RHE = backend.empty(*x_RHE.shape)
        backend.kernel("rotary")(x_RHE, cos_Te, sin_Te, out_RHE)
        return out_RHE

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RHE: Tensor) -> tuple[Tensor, None, None]:
        backend = backends.of(dout_RHE)
        dx_RHE = backend.empty(*dout_RHE.shape)
        backend.kernel("rotary_backward")(dout_RHE.contiguous(), *ctx.saved_tensors, dx_RHE)
        return dx_RHE, None, None


def rotary(x_RHE: Tensor, cos_Te: Tensor, sin_Te: Tensor) -> Tensor:
    """Rotate each head's halves by the angles of its position (Su et al. 2021, eq. 34); row r has position r % T."""
    return _Rotary.apply(x_RHE, cos_Te, sin_Te)  # type: ignore[no-any-return,no-untyped-call]


def rotary_table(inverse_frequency_e: Tensor, first_position: int, num_positions: int) -> tuple[Tensor, Tensor]:
    """The cosines and sines of the angles of positions, each (T, e), e = E/2."""
    backend = backends.of(inverse_frequency_e)
    cos_Te, sin_Te = (backend.empty(num_positions, len(inverse_frequency_e)) for _ in range(2))
    backend.kernel("rotary_table")(inverse_frequency_e, first_position, cos_Te, sin_Te)
    return cos_Te, sin_Te
