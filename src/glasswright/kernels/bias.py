"""A bias on every row, and its gradient.

    out[r,n]  = x[r,n] + bias[n]
    dbias[n]  = sum over r of dout[r,n] * 1       `sum_products_over_rows`, in sums.py

Each sum is rounded once to binary32. R rows, N width. Dtypes: float32 throughout.
"""

import numpy as np

from glasswright.kernels.checks import Door
from glasswright.kernels.sums import sum_products_over_rows

KERNELS = ["add_bias", "bias_gradient"]


def add_bias(x_RN: np.ndarray, bias_N: np.ndarray, out_RN: np.ndarray) -> None:
    """Write x + bias; out may be x."""
    door = Door()
    x = door.reads("x_RN", x_RN, None, None)
    bias = door.reads("bias_N", bias_N, x.shape[1])
    out = door.writes("out_RN", out_RN, *x.shape, may_be=("x_RN",))
    with np.errstate(all="ignore"):
        np.add(x, bias, out=out)


def bias_gradient(dout_RN: np.ndarray, dbias_N: np.ndarray) -> None:
    """Write the gradient of `add_bias` by the bias; that by x is dout itself."""
    door = Door()
    dout = door.reads("dout_RN", dout_RN, None, None)
    dbias = door.writes("dbias_N", dbias_N, dout.shape[1])
    with np.errstate(all="ignore"):
        dbias[...] = sum_products_over_rows(dout, np.ones_like(dout))
