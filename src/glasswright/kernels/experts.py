"""Rows to their experts, and what the experts make of them back to the rows.

R rows, K experts for each, X experts, D width; N = R * K pairs of a row and one of its experts.

    dispatch   pair (r, j) has the place `place[r,j]` in the order of (expert, row); `row[n]` is the row of the pair at
               place n, and an expert has `count[x]` places: its rows lie together, in ascending order
    combine    out[r,d] = fma(weight[r,j], y[place[r,j],d], ...) over ascending j, one chain from +0

    dy[place[r,j],d] = weight[r,j] * dout[r,d]
    dweight[r,j]     = dot(dout[r], y[place[r,j]])          rule 5

The rows themselves are gathered by `embedding`, whose gradient adds a row's contributions in ascending order of place,
which is that of its experts. A row's experts are in ascending order, so all three go by (row, expert), whatever else
is in the batch. Dtypes: float32; expert, place, row and count int64.
"""

import numpy as np

from glasswright.kernels.checks import Door, ascending
from glasswright.kernels.fma import fma
from glasswright.kernels.sums import dot_rows

KERNELS = ["dispatch", "combine", "combine_backward"]


def dispatch(expert_RK: np.ndarray, place_RK: np.ndarray, row_N: np.ndarray, count_X: np.ndarray) -> None:
    """Sort pairs of row and expert by (expert, row).

    Raises:  ValueError if a row's experts are not ascending numbers below X, or another argument does not fit.
    """
    door = Door()
    expert = door.reads("expert_RK", expert_RK, None, None, dtype=np.int64)
    place = door.writes("place_RK", place_RK, *expert.shape, dtype=np.int64)
    row = door.writes("row_N", row_N, expert.size, dtype=np.int64)
    count = door.writes("count_X", count_X, None, dtype=np.int64)
    ascending("expert_RK", expert, len(count))
    by_expert = np.argsort(expert.reshape(-1), kind="stable")
    place.reshape(-1)[by_expert] = np.arange(expert.size)
    row[...] = by_expert // max(expert.shape[1], 1)
    count[...] = np.bincount(expert.reshape(-1), minlength=len(count))


def combine(y_ND: np.ndarray, place_RK: np.ndarray, weight_RK: np.ndarray, out_RD: np.ndarray) -> None:
    """Write each row's weighted sum of what its experts made of it.

    Error:   at most K 2^-24 sum|weight y|, to first order.
    Raises:  ValueError if place does not hold every number below N once, or another argument does not fit.
    """
    door = Door()
    y, place, weight = operands(door, y_ND, place_RK, weight_RK)
    out = door.writes("out_RD", out_RD, len(place), y.shape[1])
    require_permutation(place)
    total = np.zeros(out.shape, np.float32)
    for place_R, weight_R in zip(place.T, weight.T, strict=True):
        total = fma(weight_R[:, None], y[place_R], total)
    out[...] = total


def combine_backward(
    dout_RD: np.ndarray, y_ND: np.ndarray, place_RK: np.ndarray, weight_RK: np.ndarray,
    dy_ND: np.ndarray, dweight_RK: np.ndarray,
) -> None:  # fmt: skip
    """The gradient of `combine`.

    Raises:  ValueError if place does not hold every number below N once, or another argument does not fit.
    """
    door = Door()
    y, place, weight = operands(door, y_ND, place_RK, weight_RK)
    dout = door.reads("dout_RD", dout_RD, len(place), y.shape[1])
    dy = door.writes("dy_ND", dy_ND, *y.shape)
    dweight = door.writes("dweight_RK", dweight_RK, *place.shape)
    require_permutation(place)
    for j, place_R in enumerate(place.T):
        dweight[:, j] = dot_rows(dout, y[place_R])
        with np.errstate(all="ignore"):
            dy[place_R] = weight[:, j, None] * dout


def operands(
    door: Door, y_ND: np.ndarray, place_RK: np.ndarray, weight_RK: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(y, place, weight)."""
    place = door.reads("place_RK", place_RK, None, None, dtype=np.int64)
    weight = door.reads("weight_RK", weight_RK, *place.shape)
    return door.reads("y_ND", y_ND, place.size, None), place, weight


def require_permutation(place: np.ndarray) -> None:
    """Refuse places of which one is none or is there twice: two rows would write to it."""
    is_taken = np.zeros(place.size, bool)
    for (r, j), n in np.ndenumerate(place):
        if not 0 <= n < place.size or is_taken[n]:
            raise ValueError(f"place_RK: expected each of 0 to {place.size - 1} once, got {n} at ({r}, {j})")
        is_taken[n] = True
