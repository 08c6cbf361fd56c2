"""Each element times one factor: a sum of losses becomes their mean.

    out[i] = x[i] * factor

Each product is rounded once to binary32.
"""

import numpy as np

from glasswright.kernels.checks import flat, number


def scale(x_N: np.ndarray, factor: float, out_N: np.ndarray) -> None:
    """Write x * factor to out; out may be x.

    Shapes:  x_N, out_N of one size.
    Dtypes:  float32 throughout; factor exact in binary32.
    """
    x = flat("x_N", x_N)
    with np.errstate(all="ignore"):
        np.multiply(x, number("factor", factor), out=flat("out_N", out_N, len(x)))
