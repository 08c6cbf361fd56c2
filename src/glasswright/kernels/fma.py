"""The fused multiply-add of binary32, exactly, for the definitions.

    fma(a, b, c) = a * b + c        rounded once to binary32

1. The product of two binary32 numbers is exact in binary64 (24 + 24 bits fit in 53).
2. Adding c in binary64 gives the sum and, by TwoSum, its error, both exact.
3. Where there is an error, the sum is rounded to odd: of the two binary64 neighbours of the exact value the one whose
   last bit is 1. Rounding that to binary32 rounds the exact value, because 53 >= 24 + 2 (Boldo and Melquiond 2008);
   rounding the nearest binary64 again would not.

A binary32 subnormal has fewer bits than 24, and the binary64 sum never is subnormal, so the argument holds there too.
"""

from typing import Any

import numpy as np

KERNELS: list[str] = []  # a part of the definitions, not a kernel


def fma(a: Any, b: Any, c: Any) -> np.ndarray:
    """a * b + c, rounded once; arrays broadcast as in NumPy.

    Dtypes:  float32 arrays, or numbers that are exact in binary32; float32 out.
    """
    with np.errstate(all="ignore"):
        product = np.asarray(a, np.float64) * np.asarray(b, np.float64)
        addend = np.asarray(c, np.float64)
        total = np.asarray(product + addend)
        of_addend = total - product
        error = (product - (total - of_addend)) + (addend - of_addend)
        return np.asarray(to_odd(total, error).astype(np.float32))


def to_odd(total: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The binary64 neighbour of total + error whose last bit is 1, where error is neither zero nor NaN."""
    bits = total.view(np.int64)
    is_inexact = (error != 0) & np.isfinite(total) & ((bits & 1) == 0)
    outward = np.where((error > 0) == (total > 0), 1, -1)
    return (bits + np.where(is_inexact, outward, 0)).view(np.float64)
