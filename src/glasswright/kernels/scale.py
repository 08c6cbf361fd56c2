"""Each element times one factor: a sum of losses becomes their mean.

    out[i] = x[i] * factor

Each product is rounded once to binary32.
"""

import numpy as np

from glasswright.kernels.checks import Door, number


def scale(x_N: np.ndarray, factor: float, out_N: np.ndarray) -> None:
    """Write x * factor to out; out may be x.

    Shapes:  x_N, out_N of one size.
    Dtypes:  float32 throughout; factor exact in binary32.
    """
    door = Door()
    x = door.reads_flat("x_N", x_N)
    out = door.writes_flat("out_N", out_N, len(x), may_be=("x_N",))
    with np.errstate(all="ignore"):
        np.multiply(x, number("factor", factor), out=out)
