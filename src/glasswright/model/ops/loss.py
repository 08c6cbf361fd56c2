"""The loss of next tokens, with the head's product, and the cap on logits that some models have."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends
from glasswright.model.ops.operation import Operation


class _LinearCrossEntropy(Operation):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, weight_VD: Tensor, target_R: Tensor, scale: float, soft_cap: float) -> Tensor:
        backend = backends.of(x_RD)
        loss_R, dx_RD = backend.empty(x_RD.shape[0]), backend.empty(*x_RD.shape)
        dweight_VD = backend.empty(*weight_VD.shape) if ctx.needs_input_grad[1] else None
        name, wanted = (
            ("linear_cross_entropy_frozen", ()) if dweight_VD is None else ("linear_cross_entropy", (dweight_VD,))
        )
        backend.kernel(name)(x_RD, weight_VD, target_R, scale, soft_cap, loss_R, dx_RD, *wanted)
        ctx.gradients = dx_RD, dweight_VD
        return loss_R

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dloss_R: Tensor) -> tuple[Tensor, Tensor | None, None, None, None]:  # noqa: ARG004
        return *ctx.gradients, None, None, None


def linear_cross_entropy(
    x_RD: Tensor, weight_VD: Tensor, target_R: Tensor, scale: float, soft_cap: float = 0.0
) -> Tensor:
    """The loss of each row in nats, without ever holding all logits. A row whose target is -1 is not counted.

    The gradient is that of `scale` times the sum of the rows, computed with the loss: the gradient that flows in from
    above is not looked at, so start backward from this operation with ones.
    """
    if not torch.is_grad_enabled():
        backend = backends.of(x_RD)
        loss_R = backend.empty(x_RD.shape[0])
        backend.kernel("linear_cross_entropy_loss")(x_RD, weight_VD, target_R, soft_cap, loss_R)
        return loss_R
    return _LinearCrossEntropy.apply(  # type: ignore[no-any-return]
        x_RD, weight_VD, target_R, scale, soft_cap
    )


def soft_cap(logits: Tensor, cap: float) -> Tensor:
    """cap * tanh(logits / cap), of the bits that `linear_cross_entropy` computes with."""
    backend = backends.of(logits)
    out = backend.empty(*logits.shape)
    backend.kernel("soft_cap")(logits, cap, out)
    return out
