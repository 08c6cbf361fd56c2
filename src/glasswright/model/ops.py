"""Differentiable operations: each is a kernel forward and a kernel backward, joined for autograd.

Legend:  S sequences, T positions, R rows = S * T, D model width, F feed-forward width, H query heads,
         G key/value heads, E head width, V vocabulary, N outputs of a linear layer.

Inside an operation arrays are NumPy's, which share torch's memory: the guard has nothing to see there, since nothing
but kernels runs. All arrays are C-contiguous float32, ids are int64.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright import kernels

Array = np.ndarray[Any, np.dtype[np.float32]]

# Which kernels run is read once: the environment variable is set before the process starts.
kernel = kernels.active()


def array(tensor: Tensor) -> Array:
    """The tensor's memory as a NumPy array."""
    with torch._C._DisableTorchDispatch():
        found: Array = tensor.detach().numpy()
    return found


def tensor(values: Array) -> Tensor:
    """The array's memory as a tensor."""
    return torch.from_numpy(values)


def new(*shape: int) -> Array:
    return np.empty(shape, np.float32)


def _contiguous(gradient: Tensor) -> Array:
    found = array(gradient)
    return found if found.flags.c_contiguous else np.ascontiguousarray(found)


class _Embedding(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, table_VD: Tensor, token_R: Tensor) -> Tensor:
        ctx.save_for_backward(token_R)
        ctx.table_shape = tuple(table_VD.shape)
        out_RD = new(token_R.shape[0], table_VD.shape[1])
        kernel.embedding(array(table_VD), array(token_R), out_RD)
        return tensor(out_RD)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RD: Tensor) -> tuple[Tensor, None]:
        (token_R,) = ctx.saved_tensors
        dtable_VD = new(*ctx.table_shape)
        kernel.embedding_backward(_contiguous(dout_RD), array(token_R), dtable_VD)
        return tensor(dtable_VD), None


def embedding(table_VD: Tensor, token_R: Tensor) -> Tensor:
    """Rows of the table: (R, D)."""
    return _Embedding.apply(table_VD, token_R)  # type: ignore[no-any-return,no-untyped-call]


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, *weights_ND: Tensor) -> tuple[Tensor, ...]:
        ctx.save_for_backward(x_RD, *weights_ND)
        outputs = []
        for weight_ND in weights_ND:
            out_RN = new(x_RD.shape[0], weight_ND.shape[0])
            kernel.matmul_nt(array(x_RD), array(weight_ND), out_RN)
            outputs.append(tensor(out_RN))
        return tuple(outputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *douts_RN: Tensor) -> tuple[Tensor, ...]:
        x_RD, *weights_ND = ctx.saved_tensors
        dx_RD: Array | None = None
        dweights_ND = []
        for dout, weight_ND in zip(douts_RN, weights_ND, strict=True):
            dout_RN = _contiguous(dout)
            dweight_ND, part_RD = new(*weight_ND.shape), new(*x_RD.shape)
            kernel.matmul_tn(dout_RN, array(x_RD), dweight_ND)
            kernel.matmul_nn(dout_RN, array(weight_ND), part_RD)
            dweights_ND.append(tensor(dweight_ND))
            if dx_RD is None:
                dx_RD = part_RD
            else:
                kernel.add(dx_RD, part_RD, dx_RD)
        assert dx_RD is not None
        return tensor(dx_RD), *dweights_ND


def linear(x_RD: Tensor, *weights_ND: Tensor) -> tuple[Tensor, ...]:
    """x times each weight transposed: one (R, N) per weight.

    The gradient of x is the sum of the weights' contributions, left to right.
    """
    return _Linear.apply(x_RD, *weights_ND)  # type: ignore[no-any-return,no-untyped-call]


class _RMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, gain_D: Tensor, epsilon: float) -> Tensor:
        out_RD, rstd_R = new(*x_RD.shape), new(x_RD.shape[0])
        kernel.rmsnorm(array(x_RD), array(gain_D), epsilon, out_RD, rstd_R)
        ctx.save_for_backward(x_RD, gain_D)
        ctx.rstd_R = rstd_R
        return tensor(out_RD)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RD: Tensor) -> tuple[Tensor, Tensor, None]:
        x_RD, gain_D = ctx.saved_tensors
        dx_RD, dgain_D = new(*x_RD.shape), new(*gain_D.shape)
        kernel.rmsnorm_backward(_contiguous(dout_RD), array(x_RD), array(gain_D), ctx.rstd_R, dx_RD, dgain_D)
        return tensor(dx_RD), tensor(dgain_D), None


def rmsnorm(x_RD: Tensor, gain_D: Tensor, epsilon: float) -> Tensor:
    """x / sqrt(mean(x^2) + epsilon) * gain, per row (Zhang and Sennrich 2019, eq. 4)."""
    return _RMSNorm.apply(x_RD, gain_D, epsilon)  # type: ignore[no-any-return,no-untyped-call]


class _AddRMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, delta_RD: Tensor, gain_D: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
        sum_RD, out_RD, rstd_R = new(*x_RD.shape), new(*x_RD.shape), new(x_RD.shape[0])
        kernel.add_rmsnorm(array(x_RD), array(delta_RD), array(gain_D), epsilon, sum_RD, out_RD, rstd_R)
        total_RD = tensor(sum_RD)
        ctx.save_for_backward(total_RD, gain_D)
        ctx.rstd_R = rstd_R
        return total_RD, tensor(out_RD)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dsum_RD: Tensor, dout_RD: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        sum_RD, gain_D = ctx.saved_tensors
        dx_RD, dgain_D = new(*sum_RD.shape), new(*gain_D.shape)
        kernel.add_rmsnorm_backward(
            _contiguous(dsum_RD), _contiguous(dout_RD), array(sum_RD), array(gain_D), ctx.rstd_R, dx_RD, dgain_D
        )
        dx = tensor(dx_RD)
        return dx, dx, tensor(dgain_D), None


def add_rmsnorm(x_RD: Tensor, delta_RD: Tensor, gain_D: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """x + delta, and its rmsnorm, in one pass over memory."""
    return _AddRMSNorm.apply(x_RD, delta_RD, gain_D, epsilon)  # type: ignore[no-any-return,no-untyped-call]


class _Rotary(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_RHE: Tensor, cos_Te: Array, sin_Te: Array) -> Tensor:
        ctx.table = cos_Te, sin_Te
        out_RHE = new(*x_RHE.shape)
        kernel.rotary(array(x_RHE), cos_Te, sin_Te, out_RHE)
        return tensor(out_RHE)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RHE: Tensor) -> tuple[Tensor, None, None]:
        dx_RHE = new(*dout_RHE.shape)
        kernel.rotary_backward(_contiguous(dout_RHE), *ctx.table, dx_RHE)
        return tensor(dx_RHE), None, None


def rotary(x_RHE: Tensor, cos_Te: Array, sin_Te: Array) -> Tensor:
    """Rotate each head's halves by the angles of its position (Su et al. 2021, eq. 34); row r has position r % T."""
    return _Rotary.apply(x_RHE, cos_Te, sin_Te)  # type: ignore[no-any-return,no-untyped-call]


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q_STHE: Tensor, k_SUGE: Tensor, v_SUGE: Tensor, scale: float) -> Tensor:
        S, T, H, _ = q_STHE.shape
        out_STHE, logsumexp_SHT = new(*q_STHE.shape), new(S, H, T)
        kernel.attention(array(q_STHE), array(k_SUGE), array(v_SUGE), scale, out_STHE, logsumexp_SHT)
        out = tensor(out_STHE)
        ctx.save_for_backward(q_STHE, k_SUGE, v_SUGE, out)
        ctx.logsumexp_SHT, ctx.scale = logsumexp_SHT, scale
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_STHE: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        q, k, v, out = ctx.saved_tensors
        dq, dk, dv = new(*q.shape), new(*k.shape), new(*v.shape)
        kernel.attention_backward(
            _contiguous(dout_STHE), array(q), array(k), array(v), array(out), ctx.logsumexp_SHT, ctx.scale, dq, dk, dv
        )
        return tensor(dq), tensor(dk), tensor(dv), None


def attention(q_STHE: Tensor, k_SUGE: Tensor, v_SUGE: Tensor, scale: float) -> Tensor:
    """Causal attention with grouped queries: (S, T, H, E). Query t sees keys 0 to U - T + t."""
    return _Attention.apply(q_STHE, k_SUGE, v_SUGE, scale)  # type: ignore[no-any-return,no-untyped-call]


class _SwiGLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, gate_RF: Tensor, up_RF: Tensor) -> Tensor:
        ctx.save_for_backward(gate_RF, up_RF)
        out_RF = new(*gate_RF.shape)
        kernel.swiglu(array(gate_RF), array(up_RF), out_RF)
        return tensor(out_RF)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RF: Tensor) -> tuple[Tensor, Tensor]:
        gate_RF, up_RF = ctx.saved_tensors
        dgate_RF, dup_RF = new(*gate_RF.shape), new(*up_RF.shape)
        kernel.swiglu_backward(_contiguous(dout_RF), array(gate_RF), array(up_RF), dgate_RF, dup_RF)
        return tensor(dgate_RF), tensor(dup_RF)


def swiglu(gate_RF: Tensor, up_RF: Tensor) -> Tensor:
    """gate * sigmoid(gate) * up (Shazeer 2020, eq. 5)."""
    return _SwiGLU.apply(gate_RF, up_RF)  # type: ignore[no-any-return,no-untyped-call]


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, weight_VD: Tensor, target_R: Tensor, scale: float) -> Tensor:
        loss_R = new(x_RD.shape[0])
        dx_RD, dweight_VD = new(*x_RD.shape), new(*weight_VD.shape)
        kernel.linear_cross_entropy(array(x_RD), array(weight_VD), array(target_R), scale, loss_R, dx_RD, dweight_VD)
        ctx.gradients = tensor(dx_RD), tensor(dweight_VD)
        return tensor(loss_R)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dloss_R: Tensor) -> tuple[Tensor, Tensor, None, None]:  # noqa: ARG004
        return *ctx.gradients, None, None


def linear_cross_entropy(x_RD: Tensor, weight_VD: Tensor, target_R: Tensor, scale: float) -> Tensor:
    """The loss of each row in nats, without ever holding all logits. A row whose target is -1 is not counted.

    The gradient is that of `scale` times the sum of the rows, computed with the loss: the gradient that flows in from
    above is not looked at, so start backward from this operation with ones.
    """
    if not torch.is_grad_enabled():
        loss_R = new(x_RD.shape[0])
        kernel.linear_cross_entropy_loss(array(x_RD), array(weight_VD), array(target_R), loss_R)
        return tensor(loss_R)
    return _LinearCrossEntropy.apply(x_RD, weight_VD, target_R, scale)  # type: ignore[no-any-return,no-untyped-call]


def ordered_sum(x_N: Tensor) -> float:
    """The sum of a vector in 64 lanes and a tree (rule 5), as a Python float that is a binary32 value."""
    out_1 = new(1)
    kernel.ordered_sum(array(x_N), out_1)
    return float(out_1[0])


def add_into(total: Sequence[Tensor], part: Sequence[Tensor]) -> None:
    """Add each tensor of `part` to its counterpart in `total`."""
    for total_N, part_N in zip(total, part, strict=True):
        kernel.add(array(total_N), array(part_N), array(total_N))
