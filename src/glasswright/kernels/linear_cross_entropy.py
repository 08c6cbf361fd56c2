"""The last layer and its loss in one kernel: the logits of a whole batch are never held.

    logits_RV  = x_RD weight_VD^T                                matmul_nt
    where soft_cap is not 0, in place of the logits:             soft_cap.py
        t[r, v]      = tanh(logits[r, v] / soft_cap)
        logits[r, v] = soft_cap * t[r, v]
    m[r]       = max over v of logits[r, v]                      compare and select; which zero it is has no effect
    e[r, v]    = exp(logits[r, v] - m[r])
    sum[r]     = e[r, 0] + e[r, 1] + ...                         rule 5
    loss[r]    = log(sum[r]) - (logits[r, target[r]] - m[r])

    dlogits[r, v]         = e[r, v] * q[r]                       q[r] = scale / sum[r]
    dlogits[r, target[r]] = fma(e[r, target[r]], q[r], -scale)
    where soft_cap is not 0, each then times fma(-t[r, v], t[r, v], 1)
    dx_RD      = dlogits_RV weight_VD                            matmul_nn
    dweight_VD = dlogits_RV^T x_RD                               matmul_tn: K is r, so 512 rows are one chunk

Where the weight is frozen, the _frozen kernels leave dweight out.

The integer_ kernels are the same with the products of integer_matmul.py, and with e[r, v] = +0 where logits[r, v] -
m[r] is below -60. Such a term is below 2^-86 beside a sum of at least 1: no loss differs for it. Without it no term is
subnormal, nor is a gradient where scale / sum is at least 2^-39: some processors take many times as long for those.

A row whose target is -1 is not counted: its loss is +0 and its dlogits are +0, and enter the products as such.

Axes: R rows (tokens), V vocabulary, D model width.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from glasswright.kernels.checks import Door, number
from glasswright.kernels.elementary import exp_of, log_of
from glasswright.kernels.fma import fma
from glasswright.kernels.integer_matmul import integer_product
from glasswright.kernels.matmul import product
from glasswright.kernels.soft_cap import capped, slope_of
from glasswright.kernels.sums import sum_rows

KERNELS = [
    "integer_linear_cross_entropy",
    "integer_linear_cross_entropy_frozen",
    "integer_linear_cross_entropy_loss",
    "linear_cross_entropy",
    "linear_cross_entropy_frozen",
    "linear_cross_entropy_loss",
]

NOT_COUNTED = -1
FAR = np.float32(-60)


class Numerics(NamedTuple):
    """What the versions of docs/numerics.md differ in here."""

    product: Callable[[np.ndarray, np.ndarray], np.ndarray]
    exp_of: Callable[[np.ndarray], np.ndarray]


def linear_cross_entropy(
    x_RD: np.ndarray,
    weight_VD: np.ndarray,
    target_R: np.ndarray,
    scale: float,
    soft_cap: float,
    loss_R: np.ndarray,
    dx_RD: np.ndarray,
    dweight_VD: np.ndarray,
) -> None:
    """Write each row's loss, and the gradients of scale * (sum of the losses).

    Shapes:  x_RD, dx_RD (R, D); weight_VD, dweight_VD (V, D), V >= 1; target_R, loss_R (R,). R = 0: dweight is +0.
    Dtypes:  float32; target_R int64, each -1 or below V.
    Units:   loss in nats; soft_cap in those of the logits, 0 for none.
    Raises:  ValueError naming the argument that does not fit.
    """
    losses_and_gradients(x_RD, weight_VD, target_R, scale, soft_cap, loss_R, dx_RD, dweight_VD, VERSION_1)


def integer_linear_cross_entropy(
    x_RD: np.ndarray,
    weight_VD: np.ndarray,
    target_R: np.ndarray,
    scale: float,
    soft_cap: float,
    loss_R: np.ndarray,
    dx_RD: np.ndarray,
    dweight_VD: np.ndarray,
) -> None:
    """The same by version 2."""
    losses_and_gradients(x_RD, weight_VD, target_R, scale, soft_cap, loss_R, dx_RD, dweight_VD, VERSION_2)


def linear_cross_entropy_frozen(
    x_RD: np.ndarray,
    weight_VD: np.ndarray,
    target_R: np.ndarray,
    scale: float,
    soft_cap: float,
    loss_R: np.ndarray,
    dx_RD: np.ndarray,
) -> None:
    """Write each row's loss and the gradient of x, with the bits of linear_cross_entropy."""
    losses_and_gradients(x_RD, weight_VD, target_R, scale, soft_cap, loss_R, dx_RD, None, VERSION_1, is_frozen=True)


def integer_linear_cross_entropy_frozen(
    x_RD: np.ndarray,
    weight_VD: np.ndarray,
    target_R: np.ndarray,
    scale: float,
    soft_cap: float,
    loss_R: np.ndarray,
    dx_RD: np.ndarray,
) -> None:
    """Write each row's loss and the gradient of x, with the bits of integer_linear_cross_entropy."""
    losses_and_gradients(x_RD, weight_VD, target_R, scale, soft_cap, loss_R, dx_RD, None, VERSION_2, is_frozen=True)


def linear_cross_entropy_loss(
    x_RD: np.ndarray, weight_VD: np.ndarray, target_R: np.ndarray, soft_cap: float, loss_R: np.ndarray
) -> None:
    """Write each row's loss, with the bits of linear_cross_entropy."""
    losses(x_RD, weight_VD, target_R, soft_cap, loss_R, VERSION_1)


def integer_linear_cross_entropy_loss(
    x_RD: np.ndarray, weight_VD: np.ndarray, target_R: np.ndarray, soft_cap: float, loss_R: np.ndarray
) -> None:
    """Write each row's loss, with the bits of integer_linear_cross_entropy."""
    losses(x_RD, weight_VD, target_R, soft_cap, loss_R, VERSION_2)


def losses_and_gradients(
    x_RD: np.ndarray,
    weight_VD: np.ndarray,
    target_R: np.ndarray,
    scale: float,
    soft_cap: float,
    loss_R: np.ndarray,
    dx_RD: np.ndarray,
    dweight_VD: np.ndarray | None,
    numerics: Numerics,
    *,
    is_frozen: bool = False,
) -> None:
    """`linear_cross_entropy`, or that of a frozen weight, by the numerics given."""
    door = Door()
    x, weight, target, loss = operands(door, x_RD, weight_VD, target_R, loss_R)
    dx = door.writes("dx_RD", dx_RD, *x.shape)
    dweight = None if is_frozen else door.writes("dweight_VD", dweight_VD, *weight.shape)
    require_targets(target, len(weight))
    scale_32, cap = number("scale", scale), number("soft_cap", soft_cap)

    loss[...], exp_RV, sum_R, slope_RV = softmax(x, weight, target, cap, numerics)
    with np.errstate(all="ignore"):
        scale_over_sum_R = scale_32 / sum_R
        dlogits_RV = exp_RV * scale_over_sum_R[:, None]
    rows = np.arange(len(x))
    dlogits_RV[rows, target] = fma(exp_RV[rows, target], scale_over_sum_R, -scale_32)
    with np.errstate(all="ignore"):
        dlogits_RV = dlogits_RV * slope_RV
    dlogits_RV[target == NOT_COUNTED] = 0.0
    dx[...] = numerics.product(dlogits_RV, weight)
    if dweight is not None:
        dweight[...] = numerics.product(dlogits_RV.T, x)


def losses(
    x_RD: np.ndarray,
    weight_VD: np.ndarray,
    target_R: np.ndarray,
    soft_cap: float,
    loss_R: np.ndarray,
    numerics: Numerics,
) -> None:
    """`linear_cross_entropy_loss` by the numerics given."""
    x, weight, target, loss = operands(Door(), x_RD, weight_VD, target_R, loss_R)
    require_targets(target, len(weight))
    loss[...] = softmax(x, weight, target, number("soft_cap", soft_cap), numerics)[0]


def operands(
    door: Door, x_RD: np.ndarray, weight_VD: np.ndarray, target_R: np.ndarray, loss_R: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(x, weight, target, loss)."""
    x = door.reads("x_RD", x_RD, None, None)
    weight = door.reads("weight_VD", weight_VD, None, x.shape[1])
    target = door.reads("target_R", target_R, len(x), dtype=np.int64)
    return x, weight, target, door.writes("loss_R", loss_R, len(x))


def require_targets(target_R: np.ndarray, num_v: int) -> None:
    for r in np.flatnonzero((target_R < NOT_COUNTED) | (target_R >= num_v))[:1]:
        raise ValueError(f"target_R: expected -1 or an id below {num_v}, found {target_R[r]} at {r}")


def softmax(
    x_RD: np.ndarray, weight_VD: np.ndarray, target_R: np.ndarray, cap: np.float32, numerics: Numerics
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(loss_R, exp_RV, sum_R, slope_RV), slope being that of the capped logits."""
    logits_RV = numerics.product(x_RD, weight_VD.T)
    slope_RV = np.ones_like(logits_RV)
    if cap != 0:
        logits_RV, t_RV = capped(logits_RV, cap)
        slope_RV = slope_of(t_RV)
    max_R = np.full(len(x_RD), -np.inf, np.float32)
    for logits_R in logits_RV.T:
        max_R = np.where(max_R < logits_R, logits_R, max_R)
    with np.errstate(all="ignore"):
        shifted_RV = logits_RV - max_R[:, None]
        exp_RV = numerics.exp_of(shifted_RV)
        sum_R = sum_rows(exp_RV)
        loss_R = log_of(sum_R) - shifted_RV[np.arange(len(x_RD)), target_R]
    return np.where(target_R == NOT_COUNTED, np.float32(0), loss_R), exp_RV, sum_R, slope_RV


def exp_of_near(x: np.ndarray) -> np.ndarray:
    """exp(x), and +0 where x is far below."""
    return np.where(x < FAR, np.float32(0), exp_of(x))


VERSION_1 = Numerics(product, exp_of)
VERSION_2 = Numerics(integer_product, exp_of_near)
