"""A sum, and what is read by several: each is the other's gradient, so that a kernel does the adding in both."""

from typing import Any

from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends
from glasswright.model.ops.operation import Operation


class _Add(Operation):
    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:  # noqa: ARG004
        backend = backends.of(a)
        out = backend.empty(*a.shape)
        backend.kernel("add")(a, b, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ARG004
        return dout, dout


def add(a: Tensor, b: Tensor) -> Tensor:
    """a + b."""
    return _Add.apply(a, b)  # type: ignore[no-any-return]


class _Share(Operation):
    @staticmethod
    def forward(ctx: Any, x: Tensor, times: int) -> tuple[Tensor, ...]:  # noqa: ARG004
        return tuple(x.view_as(x) for _ in range(times))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *douts: Tensor) -> tuple[Tensor, None]:  # noqa: ARG004
        backend = backends.of(douts[0])
        first, *others = (dout.contiguous() for dout in douts)
        total = backend.empty(*first.shape)
        for dout in others:
            backend.kernel("add")(first, dout, total)
            first = total
        return total, None


def share(x: Tensor, times: int) -> tuple[Tensor, ...]:
    """x for each of several operations, at least two; their gradients are added, left to right."""
    return _Share.apply(x, times)  # type: ignore[no-any-return]
