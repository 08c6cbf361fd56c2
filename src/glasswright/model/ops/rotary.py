"""Positions as rotations."""

from typing import Any

from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends
from glasswright.model.ops.operation import Operation


class _Rotary(Operation):
    """The kernel `name` and the kernel of its gradient."""

    @staticmethod
    def forward(ctx: Any, name: str, x_RHE: Tensor, cos_Te: Tensor, sin_Te: Tensor) -> Tensor:
        ctx.name = name
        ctx.save_for_backward(cos_Te, sin_Te)
        backend = backends.of(x_RHE)
        out_RHE = backend.empty(*x_RHE.shape)
        backend.kernel(name)(x_RHE, cos_Te, sin_Te, out_RHE)
        return out_RHE

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RHE: Tensor) -> tuple[None, Tensor, None, None]:
        backend = backends.of(dout_RHE)
        dx_RHE = backend.empty(*dout_RHE.shape)
        backend.kernel(f"{ctx.name}_backward")(dout_RHE.contiguous(), *ctx.saved_tensors, dx_RHE)
        return None, dx_RHE, None, None


def rotary(x_RHE: Tensor, cos_Te: Tensor, sin_Te: Tensor) -> Tensor:
    """Rotate the first 2 e channels of each head, half against half, by the angles of its position (Su et al. 2021,
    eq. 34); row r has position r % T. Further channels stay as they are."""
    return _Rotary.apply("rotary", x_RHE, cos_Te, sin_Te)  # type: ignore[no-any-return]


def rotary_interleaved(x_RHE: Tensor, cos_Te: Tensor, sin_Te: Tensor) -> Tensor:
    """`rotary` of channels that are paired with their neighbours: 2 i with 2 i + 1."""
    return _Rotary.apply("rotary_interleaved", x_RHE, cos_Te, sin_Te)  # type: ignore[no-any-return]


def rotary_table(
    inverse_frequency_e: Tensor, first_position: int, num_positions: int, *, factor: float = 1.0
) -> tuple[Tensor, Tensor]:
    """The cosines and sines of the angles of positions, each (T, e), and each times `factor`."""
    backend = backends.of(inverse_frequency_e)
    cos_Te, sin_Te = (backend.empty(num_positions, len(inverse_frequency_e)) for _ in range(2))
    backend.kernel("rotary_table")(inverse_frequency_e, first_position, cos_Te, sin_Te)
    if factor != 1.0:
        for table_Te in (cos_Te, sin_Te):
            backend.kernel("scale")(table_Te, factor, table_Te)
    return cos_Te, sin_Te
