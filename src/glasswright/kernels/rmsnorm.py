"""Root-mean-square normalization and its gradient, alone and fused with the residual addition before it.

R rows, D width.

    rstd[r]   = 1 / sqrt(dot(x[r], x[r]) / D + epsilon)        dot by rule 5, in sums.py
    n[r,d]    = x[r,d] * rstd[r]
    out[r,d]  = n[r,d] * gain[d]

    dn[r,d]   = dout[r,d] * gain[d]
    c[r]      = dot(dn[r], n[r]) / D
    dx[r,d]   = rstd[r] * fma(-c[r], n[r,d], dn[r,d])
    dgain[d]  = sum over r of dout[r,d] * n[r,d]               `sum_products_over_rows`, in sums.py

Every operation written is rounded once. Dtypes: float32 throughout. D below 2^24.
Source: Zhang and Sennrich 2019, eq. 4, with epsilon inside the root as in Llama.
"""

import numpy as np

from glasswright.kernels.checks import Door, number
from glasswright.kernels.fma import fma
from glasswright.kernels.sums import dot_rows, sum_products_over_rows

KERNELS = ["rmsnorm", "rmsnorm_backward", "add_rmsnorm", "add_rmsnorm_backward"]


def rmsnorm(x_RD: np.ndarray, gain_D: np.ndarray, epsilon: float, out_RD: np.ndarray, rstd_R: np.ndarray) -> None:
    """Write the normalized rows and the reciprocal root mean squares that the gradient needs."""
    door = Door()
    x = door.reads("x_RD", x_RD, None, None)
    gain = door.reads("gain_D", gain_D, x.shape[1])
    out = door.writes("out_RD", out_RD, *x.shape)
    rstd = door.writes("rstd_R", rstd_R, len(x))
    normalize(x, gain, number("epsilon", epsilon), out, rstd)


def rmsnorm_backward(
    dout_RD: np.ndarray, x_RD: np.ndarray, gain_D: np.ndarray, rstd_R: np.ndarray,
    dx_RD: np.ndarray, dgain_D: np.ndarray,
) -> None:  # fmt: skip
    """The gradient of `rmsnorm`. dx may be dout or x."""
    door = Door()
    dout = door.reads("dout_RD", dout_RD, None, None)
    x = door.reads("x_RD", x_RD, *dout.shape)
    gain = door.reads("gain_D", gain_D, dout.shape[1])
    rstd = door.reads("rstd_R", rstd_R, len(dout))
    dx = door.writes("dx_RD", dx_RD, *dout.shape, may_be=("dout_RD", "x_RD"))
    dgain = door.writes("dgain_D", dgain_D, dout.shape[1])
    dx[...], dgain[...] = gradients(dout, x, gain, rstd)


def add_rmsnorm(
    x_RD: np.ndarray, delta_RD: np.ndarray, gain_D: np.ndarray, epsilon: float,
    sum_RD: np.ndarray, out_RD: np.ndarray, rstd_R: np.ndarray,
) -> None:  # fmt: skip
    """sum = x + delta, then `rmsnorm` of sum. sum may be x or delta."""
    door = Door()
    x = door.reads("x_RD", x_RD, None, None)
    delta = door.reads("delta_RD", delta_RD, *x.shape)
    gain = door.reads("gain_D", gain_D, x.shape[1])
    total = door.writes("sum_RD", sum_RD, *x.shape, may_be=("x_RD", "delta_RD"))
    out = door.writes("out_RD", out_RD, *x.shape)
    rstd = door.writes("rstd_R", rstd_R, len(x))
    epsilon_32 = number("epsilon", epsilon)
    with np.errstate(all="ignore"):
        np.add(x, delta, out=total)
    normalize(total, gain, epsilon_32, out, rstd)


def add_rmsnorm_backward(
    dsum_RD: np.ndarray, dout_RD: np.ndarray, sum_RD: np.ndarray, gain_D: np.ndarray, rstd_R: np.ndarray,
    dx_RD: np.ndarray, dgain_D: np.ndarray,
) -> None:  # fmt: skip
    """The gradient of `add_rmsnorm`, the same for x and delta: dx = dsum + (dx of `rmsnorm_backward`).

    dsum is what comes back along the residual path. dx may be dsum, dout or sum.
    """
    door = Door()
    dout = door.reads("dout_RD", dout_RD, None, None)
    dsum = door.reads("dsum_RD", dsum_RD, *dout.shape)
    total = door.reads("sum_RD", sum_RD, *dout.shape)
    gain = door.reads("gain_D", gain_D, dout.shape[1])
    rstd = door.reads("rstd_R", rstd_R, len(dout))
    dx = door.writes("dx_RD", dx_RD, *dout.shape, may_be=("dsum_RD", "dout_RD", "sum_RD"))
    dgain = door.writes("dgain_D", dgain_D, dout.shape[1])
    through_norm, dgain[...] = gradients(dout, total, gain, rstd)
    with np.errstate(all="ignore"):
        np.add(dsum, through_norm, out=dx)


def normalize(
    x_RD: np.ndarray, gain_D: np.ndarray, epsilon: np.float32, out_RD: np.ndarray, rstd_R: np.ndarray
) -> None:
    with np.errstate(all="ignore"):
        mean_R = dot_rows(x_RD, x_RD) / np.float32(x_RD.shape[1])
        rstd_R[...] = np.float32(1) / np.sqrt(mean_R + epsilon)
        out_RD[...] = (x_RD * rstd_R[:, None]) * gain_D


def gradients(
    dout_RD: np.ndarray, x_RD: np.ndarray, gain_D: np.ndarray, rstd_R: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(dx_RD, dgain_D)."""
    with np.errstate(all="ignore"):
        n_RD = x_RD * rstd_R[:, None]
        dn_RD = dout_RD * gain_D
        c_R = dot_rows(dn_RD, n_RD) / np.float32(x_RD.shape[1])
        dx_RD = rstd_R[:, None] * fma(-c_R[:, None], n_RD, dn_RD)
        return dx_RD, sum_products_over_rows(dout_RD, n_RD)
