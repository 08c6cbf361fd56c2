"""Root-mean-square normalization and its gradient, alone and fused with the residual addition before it.

R rows, D width.

    rstd[r]   = 1 / sqrt(dot(x[r], x[r]) / D + epsilon)        dot by rule 5, in sums.py
    n[r,d]    = x[r,d] * rstd[r]
    out[r,d]  = n[r,d] * gain[d]

    dn[r,d]   = dout[r,d] * gain[d]
    c[r]      = dot(dn[r], n[r]) / D
    dx[r,d]   = rstd[r] * fma(-c[r], n[r,d], dn[r,d])
    dgain[d]  = sum over r of dout[r,d] * n[r,d]: chunks of 512 rows anchored at 0, a chunk one chain
                acc = fma(dout[r,d], n[r,d], acc) from +0 in ascending r, chunk sums added left to right

Every operation written is rounded once. Dtypes: float32 throughout. D below 2^24.
Source: Zhang and Sennrich 2019, eq. 4, with epsilon inside the root as in Llama.
"""

import numpy as np

from glasswright.kernels.checks import array, number
from glasswright.kernels.fma import fma
from glasswright.kernels.sums import dot_rows

KERNELS = ["rmsnorm", "rmsnorm_backward", "add_rmsnorm", "add_rmsnorm_backward"]

ROWS_CHUNK = 512


def rmsnorm(x_RD: np.ndarray, gain_D: np.ndarray, epsilon: float, out_RD: np.ndarray, rstd_R: np.ndarray) -> None:
    """Write the normalized rows and the reciprocal root mean squares that the gradient needs."""
    x = array("x_RD", x_RD, None, None)
    gain = array("gain_D", gain_D, x.shape[1])
    out = array("out_RD", out_RD, *x.shape)
    rstd = array("rstd_R", rstd_R, len(x))
    with np.errstate(all="ignore"):
        mean_R = dot_rows(x, x) / np.float32(x.shape[1])
        rstd[...] = np.float32(1) / np.sqrt(mean_R + number("epsilon", epsilon))
        out[...] = (x * rstd[:, None]) * gain


def rmsnorm_backward(
    dout_RD: np.ndarray, x_RD: np.ndarray, gain_D: np.ndarray, rstd_R: np.ndarray,
    dx_RD: np.ndarray, dgain_D: np.ndarray,
) -> None:  # fmt: skip
    """The gradient of `rmsnorm`. dx may be dout or x."""
    dout = array("dout_RD", dout_RD, None, None)
    num_rows, width = dout.shape
    x = array("x_RD", x_RD, num_rows, width)
    gain = array("gain_D", gain_D, width)
    rstd = array("rstd_R", rstd_R, num_rows)
    dx = array("dx_RD", dx_RD, num_rows, width)
    dgain = array("dgain_D", dgain_D, width)
    with np.errstate(all="ignore"):
        n_RD = x * rstd[:, None]
        dn_RD = dout * gain
        c_R = dot_rows(dn_RD, n_RD) / np.float32(width)
        dgain[...] = sum_products_over_rows(dout, n_RD)
        dx[...] = rstd[:, None] * fma(-c_R[:, None], n_RD, dn_RD)


def add_rmsnorm(
    x_RD: np.ndarray, delta_RD: np.ndarray, gain_D: np.ndarray, epsilon: float,
    sum_RD: np.ndarray, out_RD: np.ndarray, rstd_R: np.ndarray,
) -> None:  # fmt: skip
    """sum = x + delta, then `rmsnorm` of sum. sum may be x or delta."""
    x = array("x_RD", x_RD, None, None)
    delta = array("delta_RD", delta_RD, *x.shape)
    total = array("sum_RD", sum_RD, *x.shape)
    with np.errstate(all="ignore"):
        np.add(x, delta, out=total)
    rmsnorm(total, gain_D, epsilon, out_RD, rstd_R)


def add_rmsnorm_backward(
    dsum_RD: np.ndarray, dout_RD: np.ndarray, sum_RD: np.ndarray, gain_D: np.ndarray, rstd_R: np.ndarray,
    dx_RD: np.ndarray, dgain_D: np.ndarray,
) -> None:  # fmt: skip
    """The gradient of `add_rmsnorm`, the same for x and delta: dx = dsum + (dx of `rmsnorm_backward`).

    dsum is what comes back along the residual path. dx may be dsum, dout or sum.
    """
    dout = array("dout_RD", dout_RD, None, None)
    dsum = array("dsum_RD", dsum_RD, *dout.shape)
    dx = array("dx_RD", dx_RD, *dout.shape)
    through_norm = np.empty_like(dout)
    rmsnorm_backward(dout, sum_RD, gain_D, rstd_R, through_norm, dgain_D)
    with np.errstate(all="ignore"):
        np.add(dsum, through_norm, out=dx)


def sum_products_over_rows(a_RD: np.ndarray, b_RD: np.ndarray) -> np.ndarray:
    """The sum over rows of a * b, in chunks of 512 rows, each one chain of fused multiply-adds."""
    total_D = np.zeros(a_RD.shape[1], np.float32)
    for first in range(0, len(a_RD), ROWS_CHUNK):
        chunk_D = np.zeros_like(total_D)
        for a_D, b_D in zip(a_RD[first : first + ROWS_CHUNK], b_RD[first : first + ROWS_CHUNK], strict=True):
            chunk_D = fma(a_D, b_D, chunk_D)
        total_D = total_D + chunk_D
    return total_D
