"""The sum of two arrays, element by element: how leaves' gradients are combined.

    out[i] = a[i] + b[i]

Each sum is rounded once to binary32.
"""

import numpy as np

from glasswright.kernels.checks import Door


def add(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Write a + b to out; out may be a or b.

    Shapes:  a, b, out of one size.
    Dtypes:  float32 throughout.
    """
    door = Door()
    a_N = door.reads_flat("a", a)
    b_N = door.reads_flat("b", b, len(a_N))
    out_N = door.writes_flat("out", out, len(a_N), may_be=("a", "b"))
    with np.errstate(all="ignore"):
        np.add(a_N, b_N, out=out_N)
