"""What stands between the matrices of a feed-forward layer."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends


class _SwiGLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, gate_RF: Tensor, up_RF: Tensor) -> Tensor:
        ctx.save_for_backward(gate_RF, up_RF)
        backend = backends.of(gate_RF)
        out_RF = backend.empty(*gate_RF.shape)
        backend.kernel("swiglu")(gate_RF, up_RF, out_RF)
        return out_RF

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RF: Tensor) -> tuple[Tensor, Tensor]:
        gate_RF, up_RF = ctx.saved_tensors
        backend = backends.of(gate_RF)
        dgate_RF, dup_RF = backend.empty(*gate_RF.shape), backend.empty(*up_RF.shape)
        backend.kernel("swiglu_backward")(dout_RF.contiguous(), gate_RF, up_RF, dgate_RF, dup_RF)
        return dgate_RF, dup_RF


def swiglu(gate_RF: Tensor, up_RF: Tensor) -> Tensor:
    """gate * sigmoid(gate) * up (Shazeer 2020, eq. 5)."""
    return _SwiGLU.apply(gate_RF, up_RF)  # type: ignore[no-any-return,no-untyped-call]
