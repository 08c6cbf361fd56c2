"""Sums in an order that no machine may change (rule 5), and the test for NaN and infinity (rule 8).

    lane[j] = x[j] + x[j+64] + x[j+128] + ...     left to right, from +0
    sum     = ((l0+l1) + (l2+l3)) + ...           neighbours, six times

Sixty-four lanes whatever the width of the vector unit: four AVX-512 accumulators, eight AVX2, sixteen NEON. A lane
starts at +0, so the sum of nothing is +0; a lane that the last, partial step does not reach keeps its bits.

Sums over the rows of a matrix, a column each, go in the manner of rule 3: chunks of 512 rows anchored at 0, each one
chain from +0 in ascending order, chunk sums added left to right.
"""

import numpy as np

from glasswright.kernels.checks import Door
from glasswright.kernels.fma import fma

KERNELS = ["ordered_sum", "sum_of_squares", "all_finite"]

NUM_LANES = 64
SQUARES_BLOCK = 1 << 16
ROWS_CHUNK = 512


def ordered_sum(x_N: np.ndarray, out_1: np.ndarray) -> None:
    """Write the sum of all elements.

    Shapes:  x_N of any shape, read as a vector; out_1 (1,).
    Dtypes:  float32 in, accumulated and out.
    Error:   at most (N/64 + 6) 2^-24 sum|x|, to first order (Higham 2002, eq. 4.4, per lane and then for the tree).
    """
    door = Door()
    x = door.reads_flat("x_N", x_N)
    out = door.writes("out_1", out_1, 1)
    out[0] = sum_rows(x[None, :])[0]


def sum_of_squares(x_N: np.ndarray, out_1: np.ndarray) -> None:
    """Write the sum of squares: blocks of 65536 elements anchored at 0, each by `dot_rows`, block sums left to right.

    Shapes:  x_N of any shape, read as a vector; out_1 (1,).
    Dtypes:  float32 in, accumulated and out; overflows to +inf.
    """
    door = Door()
    x = door.reads_flat("x_N", x_N)
    out = door.writes("out_1", out_1, 1)
    out[0] = squares(x)


def all_finite(x_N: np.ndarray) -> bool:
    """Whether no element is NaN or infinite."""
    return bool(np.all(np.isfinite(Door().reads_flat("x_N", x_N))))


def squares(x_N: np.ndarray) -> np.float32:
    """The sum of squares of a vector."""
    total = np.float32(0)
    for first in range(0, len(x_N), SQUARES_BLOCK):
        block = x_N[None, first : first + SQUARES_BLOCK]
        with np.errstate(all="ignore"):
            total = total + dot_rows(block, block)[0]
    return total


def sum_rows(x_RN: np.ndarray) -> np.ndarray:
    """The ordered sum of each row."""
    lane_RL = np.zeros((len(x_RN), NUM_LANES), np.float32)
    with np.errstate(all="ignore"):
        for first in range(0, x_RN.shape[1], NUM_LANES):
            step_RL = x_RN[:, first : first + NUM_LANES]
            lane_RL[:, : step_RL.shape[1]] += step_RL
    return add_lanes(lane_RL)


def dot_rows(a_RN: np.ndarray, b_RN: np.ndarray) -> np.ndarray:
    """The dot product of each row of a with that of b: lane[j] = fma(a[j+64i], b[j+64i], lane[j])."""
    lane_RL = np.zeros((len(a_RN), NUM_LANES), np.float32)
    for first in range(0, a_RN.shape[1], NUM_LANES):
        step = slice(first, first + NUM_LANES)
        width = a_RN[:, step].shape[1]
        lane_RL[:, :width] = fma(a_RN[:, step], b_RN[:, step], lane_RL[:, :width])
    return add_lanes(lane_RL)


def add_lanes(lane_RL: np.ndarray) -> np.ndarray:
    """The tree over 64 lanes."""
    with np.errstate(all="ignore"):
        while lane_RL.shape[1] > 1:
            lane_RL = lane_RL[:, ::2] + lane_RL[:, 1::2]
    return np.ascontiguousarray(lane_RL[:, 0])


def sum_products_over_rows(a_RD: np.ndarray, b_RD: np.ndarray) -> np.ndarray:
    """The sum over rows of a * b, for each column: a chain goes on by acc = fma(a, b, acc)."""
    total_D = np.zeros(a_RD.shape[1], np.float32)
    for first in range(0, len(a_RD), ROWS_CHUNK):
        chunk_D = np.zeros_like(total_D)
        for a_D, b_D in zip(a_RD[first : first + ROWS_CHUNK], b_RD[first : first + ROWS_CHUNK], strict=True):
            chunk_D = fma(a_D, b_D, chunk_D)
        total_D = total_D + chunk_D
    return total_D
