"""Embedding and linear layers, biases, and what is added or scaled along the way."""

from typing import Any

from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends
from glasswright.model.ops.operation import Operation


class _Embedding(Operation):
    @staticmethod
    def forward(ctx: Any, table_VD: Tensor, token_R: Tensor) -> tuple[Tensor, Tensor]:
        backend = backends.of(table_VD)
        ctx.save_for_backward(token_R)
        ctx.table_shape = table_VD.shape
        ctx.set_materialize_grads(False)
        out_RD = backend.empty(token_R.shape[0], table_VD.shape[1])
        backend.kernel("embedding")(table_VD, token_R, out_RD)
        return out_RD, table_VD

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RD: Tensor, dtable: Tensor | None) -> tuple[Tensor, None]:
        (token_R,) = ctx.saved_tensors
        backend = backends.of(dout_RD)
        dtable_VD = backend.empty(*ctx.table_shape)
        backend.kernel("embedding_backward")(dout_RD.contiguous(), token_R, dtable_VD)
        if dtable is not None:
            backend.kernel("add")(dtable_VD, dtable.contiguous(), dtable_VD)
        return dtable_VD, None


def embedding(table_VD: Tensor, token_R: Tensor) -> tuple[Tensor, Tensor]:
    """Rows of the table, (R, D), and the table itself, for a head that is tied to it."""
    return _Embedding.apply(table_VD, token_R)  # type: ignore[no-any-return]


class _Linear(Operation):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, *weights_ND: Tensor) -> tuple[Tensor, ...]:
        ctx.save_for_backward(x_RD, *weights_ND)
        backend, outputs = backends.of(x_RD), []
        for weight_ND in weights_ND:
            out_RN = backend.empty(x_RD.shape[0], weight_ND.shape[0])
            backend.kernel("matmul_nt")(x_RD, weight_ND, out_RN)
            outputs.append(out_RN)
        return tuple(outputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *douts_RN: Tensor) -> tuple[Tensor | None, ...]:
        x_RD, *weights_ND = ctx.saved_tensors
        backend = backends.of(x_RD)
        x_is_wanted, *weights_are_wanted = ctx.needs_input_grad
        dx_RD: Tensor | None = None
        dweights_ND: list[Tensor | None] = []
        for dout, weight_ND, is_wanted in zip(douts_RN, weights_ND, weights_are_wanted, strict=True):
            dout_RN = dout.contiguous()
            dweights_ND.append(_product("matmul_tn", dout_RN, x_RD, weight_ND.shape) if is_wanted else None)
            if not x_is_wanted:
                continue
            part_RD = _product("matmul_nn", dout_RN, weight_ND, x_RD.shape)
            if dx_RD is None:
                dx_RD = part_RD
            else:
                backend.kernel("add")(dx_RD, part_RD, dx_RD)
        return dx_RD, *dweights_ND


def linear(x_RD: Tensor, *weights_ND: Tensor) -> tuple[Tensor, ...]:
    """x times each weight transposed: one (R, N) per weight.

    The gradient of x is the sum of the weights' contributions, left to right. What is frozen has none.
    """
    return _Linear.apply(x_RD, *weights_ND)  # type: ignore[no-any-return]


def _product(kernel: str, a: Tensor, b: Tensor, shape: tuple[int, ...]) -> Tensor:
    backend = backends.of(a)
    out = backend.empty(*shape)
    backend.kernel(kernel)(a, b, out)
    return out


class _LinearTransposed(Operation):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, weight_DN: Tensor) -> Tensor:
        ctx.save_for_backward(x_RD, weight_DN)
        backend = backends.of(x_RD)
        out_RN = backend.empty(x_RD.shape[0], weight_DN.shape[1])
        backend.kernel("matmul_nn")(x_RD, weight_DN, out_RN)
        return out_RN

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout: Tensor) -> tuple[Tensor | None, Tensor | None]:
        (x_RD, weight_DN), dout_RN = ctx.saved_tensors, dout.contiguous()
        x_is_wanted, weight_is_wanted = ctx.needs_input_grad
        dx_RD = _product("matmul_nt", dout_RN, weight_DN, x_RD.shape) if x_is_wanted else None
        return dx_RD, _product("matmul_tn", x_RD, dout_RN, weight_DN.shape) if weight_is_wanted else None


def linear_transposed(x_RD: Tensor, weight_DN: Tensor) -> tuple[Tensor]:
    """`linear` of one weight that is stored with its inputs first."""
    return (_LinearTransposed.apply(x_RD, weight_DN),)


class _AddBias(Operation):
    @staticmethod
    def forward(ctx: Any, x_RN: Tensor, bias_N: Tensor) -> Tensor:  # noqa: ARG004
        backend = backends.of(x_RN)
        out_RN = backend.empty(*x_RN.shape)
        backend.kernel("add_bias")(x_RN, bias_N, out_RN)
        return out_RN

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RN: Tensor) -> tuple[Tensor, Tensor | None]:
        if not ctx.needs_input_grad[1]:
            return dout_RN, None
        backend = backends.of(dout_RN)
        dbias_N = backend.empty(dout_RN.shape[1])
        backend.kernel("bias_gradient")(dout_RN.contiguous(), dbias_N)
        return dout_RN, dbias_N


def add_bias(x_RN: Tensor, bias_N: Tensor) -> Tensor:
    """x + bias on every row."""
    return _AddBias.apply(x_RN, bias_N)  # type: ignore[no-any-return]


class _Scaled(Operation):
    @staticmethod
    def forward(ctx: Any, x: Tensor, factor: float) -> Tensor:
        ctx.factor = factor
        return _times(x, factor)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout: Tensor) -> tuple[Tensor, None]:
        return _times(dout.contiguous(), ctx.factor), None


def scaled(x: Tensor, factor: float) -> Tensor:
    """x * factor."""
    return _Scaled.apply(x, factor)  # type: ignore[no-any-return]


def _times(x: Tensor, factor: float) -> Tensor:
    backend = backends.of(x)
    out = backend.empty(*x.shape)
    backend.kernel("scale")(x, factor, out)
    return out
