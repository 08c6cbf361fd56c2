"""The first number of many that is not as it should be: what a check looks for in millions of numbers it was given.

Each answers with an index, or -1 where there is none. An index is a matter of comparisons alone, so that no width of a
vector and no order can change it. What is compared is computed in binary64, each operation rounded once; binary32
becomes binary64 exactly.

    first_not_below    ids[i] >= limit
    first_not_finite   x[i] is NaN or infinite
    first_above        not (|x[i]| <= most)
    first_shrunk       not (after[i] >= before[i] factor and after[i] >= 0)
    first_moved        not (|after[i] - factor before[i]| <= most)

A comparison with NaN is false: whichever number is NaN, the element is found.

The twins need no NumPy. They read whatever has a buffer of the right format, writable or not, wherever it begins: an
`array.array`, a `memoryview`, an array of NumPy's or torch's. Bytes, and a file mapped by `mmap`, say what they hold
by a cast: `memoryview(mapped)[start:end].cast("f")`, "H" for uint16, "I" for uint32.

Shapes:  any, read as a vector; two arrays have the same number of elements.
Dtypes:  float32; ids uint16 or uint32; little-endian.
"""

import numpy as np

from glasswright.kernels.checks import binary64, flat, integer

KERNELS = ["first_not_below", "first_not_finite", "first_above", "first_shrunk", "first_moved"]


def first_not_below(ids_N: np.ndarray, limit: int) -> int:
    """Where ids[i] >= limit for the first time, or -1."""
    ids = flat("ids_N", ids_N, dtypes=(np.uint16, np.uint32), is_aligned=False)
    return first(ids >= integer("limit", limit, 0, 2**64 - 1))


def first_not_finite(x_N: np.ndarray) -> int:
    """Where x[i] is NaN or infinite for the first time, or -1."""
    return first(~np.isfinite(numbers("x_N", x_N)))


def first_above(x_N: np.ndarray, most: float) -> int:
    """Where |x[i]| > most for the first time, or -1."""
    return first(~(np.abs(numbers("x_N", x_N)) <= binary64("most", most)))


def first_shrunk(before_N: np.ndarray, after_N: np.ndarray, factor: float) -> int:
    """Where after[i] < before[i] factor, or after[i] < 0, for the first time, or -1."""
    factor_64 = binary64("factor", factor)
    before = numbers("before_N", before_N)
    after = numbers("after_N", after_N, len(before))
    with np.errstate(all="ignore"):
        return first(~((after >= before * factor_64) & (after >= 0)))


def first_moved(before_N: np.ndarray, after_N: np.ndarray, factor: float, most: float) -> int:
    """Where |after[i] - factor before[i]| > most for the first time, or -1."""
    factor_64, most_64 = binary64("factor", factor), binary64("most", most)
    before = numbers("before_N", before_N)
    after = numbers("after_N", after_N, len(before))
    with np.errstate(all="ignore"):
        return first(~(np.abs(after - factor_64 * before) <= most_64))


def numbers(name: str, value: np.ndarray, size: int | None = None) -> np.ndarray:
    """A float32 array in binary64."""
    with np.errstate(all="ignore"):
        return flat(name, value, size, is_aligned=False).astype(np.float64)


def first(found_N: np.ndarray) -> int:
    return int(found_N.argmax()) if found_N.any() else -1
