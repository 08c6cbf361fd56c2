"""Operations on tensors: each is one kernel or a few, on the device where its tensors lie.

Those of a model are differentiable: a kernel forward and a kernel backward, joined for autograd. Where a tensor feeds
two operations, one of the two hands it on, so that its gradients too are added by a kernel and not by torch.

Legend:  S sequences, T positions, R rows = S * T, D model width, F feed-forward width, H query heads,
         G key/value heads, E head width, V vocabulary, N outputs of a linear layer.

All tensors are C-contiguous float32, ids are int64. A name that ends in _ writes over its first argument.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends

# ---- of a model, differentiable


class _Embedding(torch.autograd.Function):
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
    return _Embedding.apply(table_VD, token_R)  # type: ignore[no-any-return,no-untyped-call]


class _Linear(torch.autograd.Function):
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
    def backward(ctx: Any, *douts_RN: Tensor) -> tuple[Tensor, ...]:
        x_RD, *weights_ND = ctx.saved_tensors
        backend = backends.of(x_RD)
        dx_RD: Tensor | None = None
        dweights_ND = []
        for dout, weight_ND in zip(douts_RN, weights_ND, strict=True):
            dout_RN = dout.contiguous()
            dweight_ND, part_RD = backend.empty(*weight_ND.shape), backend.empty(*x_RD.shape)
            backend.kernel("matmul_tn")(dout_RN, x_RD, dweight_ND)
            backend.kernel("matmul_nn")(dout_RN, weight_ND, part_RD)
            dweights_ND.append(dweight_ND)
            if dx_RD is None:
                dx_RD = part_RD
            else:
                backend.kernel("add")(dx_RD, part_RD, dx_RD)
        assert dx_RD is not None
        return dx_RD, *dweights_ND


def linear(x_RD: Tensor, *weights_ND: Tensor) -> tuple[Tensor, ...]:
    """x times each weight transposed: one (R, N) per weight.

    The gradient of x is the sum of the weights' contributions, left to right.
    """
    return _Linear.apply(x_RD, *weights_ND)  # type: ignore[no-any-return,no-untyped-call]


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


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q_STHE: Tensor, k_SUGE: Tensor, v_SUGE: Tensor, scale: float) -> Tensor:
        S, T, H, _ = q_STHE.shape
        backend = backends.of(q_STHE)
        out_STHE, logsumexp_SHT = backend.empty(*q_STHE.shape), backend.empty(S, H, T)
        backend.kernel("attention")(q_STHE, k_SUGE, v_SUGE, scale, out_STHE, logsumexp_SHT)
        ctx.save_for_backward(q_STHE, k_SUGE, v_SUGE, out_STHE, logsumexp_SHT)
        ctx.scale = scale
        return out_STHE

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_STHE: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        q, k, v, out, logsumexp = ctx.saved_tensors
        backend = backends.of(q)
        dq, dk, dv = backend.empty(*q.shape), backend.empty(*k.shape), backend.empty(*v.shape)
        backward = backend.kernel("attention_backward")
        backward(dout_STHE.contiguous(), q, k, v, out, logsumexp, ctx.scale, dq, dk, dv)
        return dq, dk, dv, None


def attention(q_STHE: Tensor, k_SUGE: Tensor, v_SUGE: Tensor, scale: float) -> Tensor:
    """Causal attention with grouped queries: (S, T, H, E). Query t sees keys 0 to U - T + t."""
    return _Attention.apply(q_STHE, k_SUGE, v_SUGE, scale)  # type: ignore[no-any-return,no-untyped-call]


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


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_RD: Tensor, weight_VD: Tensor, target_R: Tensor, scale: float) -> Tensor:
        backend = backends.of(x_RD)
        loss_R = backend.empty(x_RD.shape[0])
        dx_RD, dweight_VD = backend.empty(*x_RD.shape), backend.empty(*weight_VD.shape)
        backend.kernel("linear_cross_entropy")(x_RD, weight_VD, target_R, scale, loss_R, dx_RD, dweight_VD)
        ctx.gradients = dx_RD, dweight_VD
        return loss_R

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
        backend = backends.of(x_RD)
        loss_R = backend.empty(x_RD.shape[0])
        backend.kernel("linear_cross_entropy_loss")(x_RD, weight_VD, target_R, loss_R)
        return loss_R
    return _LinearCrossEntropy.apply(x_RD, weight_VD, target_R, scale)  # type: ignore[no-any-return,no-untyped-call]


# ---- beside a model


def rotary_table(inverse_frequency_e: Tensor, first_position: int, num_positions: int) -> tuple[Tensor, Tensor]:
    """The cosines and sines of the angles of positions, each (T, e), e = E/2."""
    backend = backends.of(inverse_frequency_e)
    cos_Te, sin_Te = (backend.empty(num_positions, len(inverse_frequency_e)) for _ in range(2))
    backend.kernel("rotary_table")(inverse_frequency_e, first_position, cos_Te, sin_Te)
    return cos_Te, sin_Te


def uniform_(out: Tensor, *, seed: int, purpose: int, half_width: float) -> None:
    """Fill with numbers spread evenly over (-half_width, half_width)."""
    backends.of(out).kernel("uniform")(seed, purpose, half_width, out)


def pick(logits_V: Tensor, *, temperature: float, fraction: float) -> int:
    """The token that `fraction`, a number from 0 to below 1, falls on; at temperature 0 the likeliest."""
    token: int = backends.of(logits_V).kernel("pick")(logits_V, temperature, fraction)
    return token


# ---- of a step


def ordered_sum(x_N: Tensor) -> Tensor:
    """The sum of a vector in 64 lanes and a tree (rule 5): (1,)."""
    backend = backends.of(x_N)
    out_1 = backend.empty(1)
    backend.kernel("ordered_sum")(x_N, out_1)
    return out_1


def add_(total: Tensor, part: Tensor) -> None:
    """total + part, in total's memory."""
    backends.of(total).kernel("add")(total, part, total)


def scale_(x: Tensor, factor: float) -> None:
    """x * factor, in x's memory."""
    backends.of(x).kernel("scale")(x, factor, x)


def norm_and_clip(gradients: Sequence[Tensor], limit: float) -> Tensor:
    """The norm over all gradients, added up in the order given, and the factor that brings it down to `limit`: (2,).

    Either may be NaN or infinite where a gradient is; the caller looks.
    """
    backend = backends.of(gradients[0])
    squares_P, out_2 = backend.empty(len(gradients)), backend.empty(2)
    for place, gradient in enumerate(gradients):
        backend.kernel("sum_of_squares")(gradient, squares_P[place : place + 1])
    backend.kernel("norm_and_clip")(squares_P, limit, out_2)
    return out_2


def all_finite(x: Tensor) -> bool:
    """Whether no element is NaN or infinite."""
    answer: bool = backends.of(x).kernel("all_finite")(x)
    return answer


def adamw_(
    parameter: Tensor, gradient: Tensor, first_moment: Tensor, second_moment: Tensor, *,
    clip: float, learning_rate: float, beta1: float, beta2: float, epsilon: float, weight_decay: float,
    bias_correction1: float, bias_correction2: float,
) -> None:  # fmt: skip
    """One step of AdamW on a parameter of any shape and its moments."""
    step = backends.of(parameter).kernel("adamw")
    step(
        parameter, gradient, first_moment, second_moment, clip, learning_rate, beta1, beta2, epsilon, weight_decay,
        bias_correction1, bias_correction2,
    )  # fmt: skip


def muon_(
    parameter_MN: Tensor, gradient_MN: Tensor, momentum_MN: Tensor, *,
    clip: float, learning_rate: float, momentum: float, weight_decay: float,
) -> None:  # fmt: skip
    """One step of Muon on a matrix and its momentum."""
    step = backends.of(parameter_MN).kernel("muon")
    step(parameter_MN, gradient_MN, momentum_MN, clip, learning_rate, momentum, weight_decay)
