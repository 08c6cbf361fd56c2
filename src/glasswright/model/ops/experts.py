"""Mixtures: which experts a row goes to, their matrices, and the way there and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from glasswright.kernels import backends
from glasswright.model.ops.operation import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """How experts are chosen and weighed: see kernels/router.py."""

    num_chosen: int
    num_groups: int = 1
    num_kept: int = 1  # groups
    is_normalized: bool
    scale: float = 1.0


class _Router(Operation):
    @staticmethod
    def forward(ctx: Any, logits_RX: Tensor, bias_X: Tensor | None, routing: Routing) -> tuple[Tensor, Tensor]:
        (R, _), K = logits_RX.shape, routing.num_chosen
        backend = backends.of(logits_RX)
        score_RX, weight_RK = backend.empty(*logits_RX.shape), backend.empty(R, K)
        expert_RK = logits_RX.new_empty((R, K), dtype=torch.int64)
        name, bias = ("softmax_router", ()) if bias_X is None else ("sigmoid_router", (bias_X,))
        groups, weighing = (routing.num_groups, routing.num_kept), (routing.is_normalized, routing.scale)
        backend.kernel(name)(logits_RX, *bias, *groups, *weighing, score_RX, expert_RK, weight_RK)
        ctx.mark_non_differentiable(expert_RK)
        ctx.save_for_backward(score_RX, expert_RK, bias_X)
        ctx.name, ctx.weighing = name, weighing
        return weight_RK, expert_RK

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dweight_RK: Tensor, _: Tensor) -> tuple[Tensor, Tensor | None, None]:
        score_RX, expert_RK, bias_X = ctx.saved_tensors
        backend = backends.of(score_RX)
        dlogits_RX = backend.empty(*score_RX.shape)
        backward = backend.kernel(f"{ctx.name}_backward")
        backward(dweight_RK.contiguous(), score_RX, expert_RK, *ctx.weighing, dlogits_RX)
        return dlogits_RX, None if bias_X is None else torch.zeros_like(bias_X), None


def softmax_router(logits_RX: Tensor, routing: Routing) -> tuple[Tensor, Tensor]:
    """The weights and the numbers of each row's experts, ascending: (R, K) both. The choice has no gradient."""
    return _Router.apply(logits_RX, None, routing)  # type: ignore[no-any-return]


def sigmoid_router(logits_RX: Tensor, bias_X: Tensor, routing: Routing) -> tuple[Tensor, Tensor]:
    """The same by sigmoid, where a bias moves the choice; its gradient is +0."""
    return _Router.apply(logits_RX, bias_X, routing)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Pairs of row and expert in the order of (expert, row): the place of each pair, the row at each place, and how
    many places each expert has."""

    place_RK: Tensor
    row_N: Tensor
    counts: list[int]


def dispatch(expert_RK: Tensor, num_experts: int) -> Dispatch:
    """Sort the pairs of a router's choice."""
    place_RK, row_N = torch.empty_like(expert_RK), expert_RK.new_empty(expert_RK.numel())
    count_X = expert_RK.new_empty(num_experts)
    backends.of(expert_RK).kernel("dispatch")(expert_RK, place_RK, row_N, count_X)
    if count_X.is_meta:  # of a rehearsal, which has no numbers: as if all went to the first expert
        return Dispatch(place_RK, row_N, [expert_RK.numel(), *[0] * (num_experts - 1)])
    return Dispatch(place_RK, row_N, count_X.tolist())


class _ExpertsLinear(Operation):
    @staticmethod
    def forward(ctx: Any, x_ND: Tensor, counts: list[int], *weights: Tensor) -> tuple[Tensor, ...]:
        ctx.save_for_backward(x_ND, *weights)
        ctx.counts = counts
        backend, outputs = backends.of(x_ND), []
        for weights_X in _by_matrix(weights, len(counts)):
            out_NF = backend.empty(x_ND.shape[0], weights_X[0].shape[0])
            for x_nD, weight_FD, out_nF in zip(_split(x_ND, counts), weights_X, _split(out_NF, counts), strict=True):
                if len(x_nD):
                    backend.kernel("matmul_nt")(x_nD, weight_FD, out_nF)
            outputs.append(out_NF)
        return tuple(outputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *douts_NF: Tensor) -> tuple[Tensor | None, ...]:
        x_ND, *weights = ctx.saved_tensors
        backend, counts = backends.of(x_ND), ctx.counts
        dx_ND: Tensor | None = None
        dweights: list[Tensor] = []
        for dout_NF, weights_X in zip(douts_NF, _by_matrix(weights, len(counts)), strict=True):
            part_ND = backend.empty(*x_ND.shape)
            rows = (_split(x, counts) for x in (dout_NF.contiguous(), x_ND, part_ND))
            for weight_FD, dout_nF, x_nD, part_nD in zip(weights_X, *rows, strict=True):
                dweight_FD = backend.empty(*weight_FD.shape)
                backend.kernel("matmul_tn")(dout_nF, x_nD, dweight_FD)
                backend.kernel("matmul_nn")(dout_nF, weight_FD, part_nD)
                dweights.append(dweight_FD)
            if dx_ND is None:
                dx_ND = part_ND
            else:
                backend.kernel("add")(dx_ND, part_ND, dx_ND)
        return dx_ND, None, *dweights


def _split(x_ND: Tensor, counts: list[int]) -> tuple[Tensor, ...]:
    return x_ND.split(counts)  # type: ignore[no-any-return,no-untyped-call]


def _by_matrix(weights: Sequence[Tensor], num_experts: int) -> list[Sequence[Tensor]]:
    return [weights[first : first + num_experts] for first in range(0, len(weights), num_experts)]


def experts_linear(x_ND: Tensor, counts: list[int], *weights: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """x times a weight transposed, where each expert's `counts` rows meet the weight of their own: one (N, F) for each
    list of X weights.

    The gradient of x is the sum of the lists' contributions, left to right; that of an expert without rows is +0.
    """
    flat = [weight for weights_X in weights for weight in weights_X]
    return _ExpertsLinear.apply(x_ND, counts, *flat)  # type: ignore[no-any-return]


class _Combine(Operation):
    @staticmethod
    def forward(ctx: Any, y_ND: Tensor, weight_RK: Tensor, place_RK: Tensor) -> Tensor:
        ctx.save_for_backward(y_ND, weight_RK, place_RK)
        backend = backends.of(y_ND)
        out_RD = backend.empty(place_RK.shape[0], y_ND.shape[1])
        backend.kernel("combine")(y_ND, place_RK, weight_RK, out_RD)
        return out_RD

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout_RD: Tensor) -> tuple[Tensor, Tensor, None]:
        y_ND, weight_RK, place_RK = ctx.saved_tensors
        backend = backends.of(y_ND)
        dy_ND, dweight_RK = backend.empty(*y_ND.shape), backend.empty(*weight_RK.shape)
        backward = backend.kernel("combine_backward")
        backward(dout_RD.contiguous(), y_ND, place_RK, weight_RK, dy_ND, dweight_RK)
        return dy_ND, dweight_RK, None


def combine(y_ND: Tensor, weight_RK: Tensor, dispatch: Dispatch) -> Tensor:
    """Each row's weighted sum of what its experts made of it, in ascending order of experts: (R, D)."""
    return _Combine.apply(y_ND, weight_RK, dispatch.place_RK)  # type: ignore[no-any-return]
