"""The sum of two arrays, element by element: how leaves' gradients are combined.

out[i] = a[i] + b[i]        rounded once to binary32
"""

import numpy as np


def add(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Write a + b to out; out may be a or b.

    Shapes:  a, b, out of one shape.
    Dtypes:  float32 throughout.
    """
    np.add(a, b, out=out)
