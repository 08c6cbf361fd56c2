"""Layer normalization and its gradient, alone and fused with the residual addition before it.

R rows, D width.

    mean[r]   = sum(x[r]) / D                                  sum and dot by rule 5, in sums.py
    y[r,d]    = x[r,d] - mean[r]
    rstd[r]   = 1 / sqrt(dot(y[r], y[r]) / D + epsilon)
    n[r,d]    = y[r,d] * rstd[r]
    out[r,d]  = fma(n[r,d], gain[d], bias[d])

    dn[r,d]   = dout[r,d] * gain[d]
    b[r]      = sum(dn[r]) / D
    c[r]      = dot(dn[r], n[r]) / D
    dx[r,d]   = dsum[r,d] + rstd[r] * fma(-c[r], n[r,d], dn[r,d] - b[r])
    dgain[d]  = sum over r of dout[r,d] * n[r,d]               `sum_products_over_rows`, in sums.py
    dbias[d]  = sum over r of dout[r,d] * 1

Two passes, the mean before the variance: in one, the squares would cancel where a row lies far from zero. Every
operation written is rounded once. Dtypes: float32 throughout. D below 2^24.
Source: Ba, Kiros and Hinton 2016, eq. 4, with epsilon inside the root; the variance is that of the row itself.
"""

import numpy as np

from glasswright.kernels.checks import Door, number
from glasswright.kernels.fma import fma
from glasswright.kernels.sums import dot_rows, sum_products_over_rows, sum_rows

KERNELS = ["layernorm", "add_layernorm", "add_layernorm_backward"]


def layernorm(
    x_RD: np.ndarray, gain_D: np.ndarray, bias_D: np.ndarray, epsilon: float,
    out_RD: np.ndarray, mean_R: np.ndarray, rstd_R: np.ndarray,
) -> None:  # fmt: skip
    """Write the normalized rows, and the means and reciprocal deviations that the gradient needs."""
    door = Door()
    x = door.reads("x_RD", x_RD, None, None)
    gain = door.reads("gain_D", gain_D, x.shape[1])
    bias = door.reads("bias_D", bias_D, x.shape[1])
    out = door.writes("out_RD", out_RD, *x.shape)
    mean = door.writes("mean_R", mean_R, len(x))
    rstd = door.writes("rstd_R", rstd_R, len(x))
    normalize(x, gain, bias, number("epsilon", epsilon), out, mean, rstd)


def add_layernorm(
    x_RD: np.ndarray, delta_RD: np.ndarray, gain_D: np.ndarray, bias_D: np.ndarray, epsilon: float,
    sum_RD: np.ndarray, out_RD: np.ndarray, mean_R: np.ndarray, rstd_R: np.ndarray,
) -> None:  # fmt: skip
    """sum = x + delta, then `layernorm` of sum. sum may be x or delta."""
    door = Door()
    x = door.reads("x_RD", x_RD, None, None)
    delta = door.reads("delta_RD", delta_RD, *x.shape)
    gain = door.reads("gain_D", gain_D, x.shape[1])
    bias = door.reads("bias_D", bias_D, x.shape[1])
    total = door.writes("sum_RD", sum_RD, *x.shape, may_be=("x_RD", "delta_RD"))
    out = door.writes("out_RD", out_RD, *x.shape)
    mean = door.writes("mean_R", mean_R, len(x))
    rstd = door.writes("rstd_R", rstd_R, len(x))
    epsilon_32 = number("epsilon", epsilon)
    with np.errstate(all="ignore"):
        np.add(x, delta, out=total)
    normalize(total, gain, bias, epsilon_32, out, mean, rstd)


def add_layernorm_backward(
    dsum_RD: np.ndarray, dout_RD: np.ndarray, sum_RD: np.ndarray, gain_D: np.ndarray, mean_R: np.ndarray,
    rstd_R: np.ndarray, dx_RD: np.ndarray, dgain_D: np.ndarray, dbias_D: np.ndarray,
) -> None:  # fmt: skip
    """The gradient of `add_layernorm`, the same for x and delta; dsum is what comes back along the residual path.

    dx may be dsum, dout or sum.
    """
    door = Door()
    dout = door.reads("dout_RD", dout_RD, None, None)
    dsum = door.reads("dsum_RD", dsum_RD, *dout.shape)
    total = door.reads("sum_RD", sum_RD, *dout.shape)
    gain = door.reads("gain_D", gain_D, dout.shape[1])
    mean = door.reads("mean_R", mean_R, len(dout))
    rstd = door.reads("rstd_R", rstd_R, len(dout))
    dx = door.writes("dx_RD", dx_RD, *dout.shape, may_be=("dsum_RD", "dout_RD", "sum_RD"))
    dgain = door.writes("dgain_D", dgain_D, dout.shape[1])
    dbias = door.writes("dbias_D", dbias_D, dout.shape[1])
    width = np.float32(dout.shape[1])
    with np.errstate(all="ignore"):
        n_RD = (total - mean[:, None]) * rstd[:, None]
        dn_RD = dout * gain
        b_R = sum_rows(dn_RD) / width
        c_R = dot_rows(dn_RD, n_RD) / width
        through_norm_RD = rstd[:, None] * fma(-c_R[:, None], n_RD, dn_RD - b_R[:, None])
        dgain[...] = sum_products_over_rows(dout, n_RD)
        dbias[...] = sum_products_over_rows(dout, np.ones_like(dout))
        np.add(dsum, through_norm_RD, out=dx)


def normalize(
    x_RD: np.ndarray, gain_D: np.ndarray, bias_D: np.ndarray, epsilon: np.float32,
    out_RD: np.ndarray, mean_R: np.ndarray, rstd_R: np.ndarray,
) -> None:  # fmt: skip
    width = np.float32(x_RD.shape[1])
    with np.errstate(all="ignore"):
        mean_R[...] = sum_rows(x_RD) / width
        y_RD = x_RD - mean_R[:, None]
        rstd_R[...] = np.float32(1) / np.sqrt(dot_rows(y_RD, y_RD) / width + epsilon)
        out_RD[...] = fma(y_RD * rstd_R[:, None], gain_D, bias_D)
