"""Activations: what stands between the matrices of a feed-forward layer."""

from typing import Any

from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends
from glasswright.model.ops.operation import Operation


class _Activation(Operation):
    """The kernel `name` and the kernel of its gradient."""

    @staticmethod
    def forward(ctx: Any, name: str, *inputs_RF: Tensor) -> Tensor:
        ctx.name = name
        ctx.save_for_backward(*inputs_RF)
        backend = backends.of(inputs_RF[0])
        out_RF = backend.empty(*inputs_RF[0].shape)
        backend.kernel(name)(*inputs_RF, out_RF)
        return out_RF

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RF: Tensor) -> tuple[Tensor | None, ...]:
        inputs_RF = ctx.saved_tensors
        backend = backends.of(dout_RF)
        gradients_RF = [backend.empty(*x_RF.shape) for x_RF in inputs_RF]
        backend.kernel(f"{ctx.name}_backward")(dout_RF.contiguous(), *inputs_RF, *gradients_RF)
        return None, *gradients_RF


def swiglu(gate_RF: Tensor, up_RF: Tensor) -> Tensor:
    """gate * sigmoid(gate) * up (Shazeer 2020, eq. 5)."""
    return _Activation.apply("swiglu", gate_RF, up_RF)  # type: ignore[no-any-return]


def gelu(x_RF: Tensor) -> Tensor:
    """x times the chance that a normal number lies below x (Hendrycks and Gimpel 2016)."""
    return _Activation.apply("gelu", x_RF)  # type: ignore[no-any-return]


def gelu_tanh(x_RF: Tensor) -> Tensor:
    """`gelu` by a hyperbolic tangent, as transformers' gelu_new and gelu_pytorch_tanh."""
    return _Activation.apply("gelu_tanh", x_RF)  # type: ignore[no-any-return]


def geglu(gate_RF: Tensor, up_RF: Tensor) -> Tensor:
    """gelu(gate) * up (Shazeer 2020, eq. 6)."""
    return _Activation.apply("geglu", gate_RF, up_RF)  # type: ignore[no-any-return]


def geglu_tanh(gate_RF: Tensor, up_RF: Tensor) -> Tensor:
    """gelu_tanh(gate) * up."""
    return _Activation.apply("geglu_tanh", gate_RF, up_RF)  # type: ignore[no-any-return]
