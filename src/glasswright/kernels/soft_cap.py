"""A soft cap: numbers near zero stay nearly what they are, and none leaves (-cap, cap) by more than a rounding.

    t      = tanh(x / cap)
    out    = cap * t
    slope  = fma(-t, t, 1)           what a gradient is multiplied by, in linear_cross_entropy.py

Each operation is rounded once. Dtypes: float32 throughout. Source: Gemma Team 2024 (Gemma 2), section 2.
"""

import numpy as np

from glasswright.kernels.checks import Door, number
from glasswright.kernels.elementary import tanh_of
from glasswright.kernels.fma import fma


def soft_cap(x_N: np.ndarray, cap: float, out_N: np.ndarray) -> None:
    """Write cap * tanh(x / cap); out may be x.

    Shapes:  x_N, out_N of one size.
    Dtypes:  float32 throughout; cap exact in binary32.
    """
    door = Door()
    x = door.reads_flat("x_N", x_N)
    out = door.writes_flat("out_N", out_N, len(x), may_be=("x_N",))
    out[...], _ = capped(x, number("cap", cap))


def capped(x: np.ndarray, cap: np.float32) -> tuple[np.ndarray, np.ndarray]:
    """(cap * t, t)."""
    with np.errstate(all="ignore"):
        t = tanh_of(x / cap)
        return cap * t, t


def slope_of(t: np.ndarray) -> np.ndarray:
    return fma(-t, t, np.float32(1))
