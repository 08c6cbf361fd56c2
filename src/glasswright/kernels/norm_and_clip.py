"""The norm over all gradients, and the factor that brings it down to a limit.

    total = s[0] + s[1] + ...                       left to right, from +0
    norm  = sqrt(total)                             IEEE
    clip  = limit / norm where norm > limit, else 1

s[p] is the `sum_of_squares` of parameter p's gradient, in the order of the parameters' names. A norm that is NaN is not
above the limit; an infinite one gives a clip of +0. Whoever calls looks at the norm first.
Source: Pascanu et al. 2013, algorithm 1.
"""

import numpy as np

from glasswright.kernels.checks import Door, number


def norm_and_clip(squares_P: np.ndarray, limit: float, out_2: np.ndarray) -> None:
    """Write norm and clip.

    Shapes:  squares_P (P,), P >= 0; out_2 (2,).
    Dtypes:  float32 in, accumulated and out; limit exact in binary32.
    Error:   the norm's is at most (P/2 + 1) 2^-24 of itself, to first order, beside that of the squares.
    """
    door = Door()
    squares, out = door.reads("squares_P", squares_P, None), door.writes("out_2", out_2, 2)
    maximum, total = number("limit", limit), np.float32(0)
    with np.errstate(all="ignore"):
        for square in squares:
            total = total + square
        norm = np.sqrt(total)
        out[:] = norm, maximum / norm if norm > maximum else np.float32(1)
