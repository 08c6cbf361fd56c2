"""The first number of many that is not as it should be: what a check looks for in millions of numbers it was given.

Each answers with an index, or -1 where there is none. An index is a matter of comparisons alone, so that no width of a
vector and no order can change it. What is compared is computed in binary64, each operation rounded once; binary32
becomes binary64 exactly.

    first_not_below    ids[i] >= limit
    first_not_finite   x[i] is NaN or infinite
    first_above        not (|x[i]| <= most)
    first_shrunk       not (after[i] >= before[i] factor - slack and after[i] >= 0)
    first_moved        not (|after[i] - factor before[i]| <= most)
    first_misspelt     ids[i] stands for other bytes than the text has there; N where the text goes on after all ids

A comparison with NaN is false: whichever number is NaN, the element is found.

The twins need no NumPy. They read whatever has a buffer of the right format, writable or not, wherever it begins: an
`array.array`, a `memoryview`, an array of NumPy's or torch's. Bytes, and a file mapped by `mmap`, say what they hold
by a cast: `memoryview(mapped)[start:end].cast("f")`, "H" for uint16, "I" for uint32.

Shapes:  any, read as a vector; two arrays have the same number of elements.
Dtypes:  float32; ids uint16 or uint32; little-endian.
"""

import numpy as np

from glasswright.kernels.checks import binary64, flat, integer

KERNELS = ["first_not_below", "first_not_finite", "first_above", "first_shrunk", "first_moved", "first_misspelt"]


def first_not_below(ids_N: np.ndarray, limit: int) -> int:
    """Where ids[i] >= limit for the first time, or -1."""
    ids = flat("ids_N", ids_N, dtypes=(np.uint16, np.uint32), is_aligned=False)
    return first(ids >= integer("limit", limit, 0, 2**64 - 1))


def first_misspelt(ids_N: np.ndarray, ends_V: np.ndarray, spelled_B: np.ndarray, text_T: np.ndarray) -> int:
    """Which token is the first that does not spell the text where it comes, or -1; N where the text goes on.

    Token v stands for the bytes spelled[ends[v - 1] : ends[v]], token 0 for those up to ends[0]. An id that has no
    such bytes spells nothing, and is found.

    Dtypes:  ids uint16 or uint32, ends uint32, bytes uint8.
    """
    ids = flat("ids_N", ids_N, dtypes=(np.uint16, np.uint32), is_aligned=False)
    ends = flat("ends_V", ends_V, dtypes=(np.uint32,), is_aligned=False)
    spelled = flat("spelled_B", spelled_B, dtypes=(np.uint8,), is_aligned=False).tobytes()
    text, at = flat("text_T", text_T, dtypes=(np.uint8,), is_aligned=False).tobytes(), 0
    for i, id_ in enumerate(ids.tolist()):
        begin, end = (int(ends[id_ - 1]) if id_ else 0, int(ends[id_])) if id_ < len(ends) else (1, 0)
        if begin > end or end > len(spelled) or not text.startswith(spelled[begin:end], at):
            return i
        at += end - begin
    return -1 if at == len(text) else len(ids)


def first_not_finite(x_N: np.ndarray) -> int:
    """Where x[i] is NaN or infinite for the first time, or -1."""
    return first(~np.isfinite(numbers("x_N", x_N)))


def first_above(x_N: np.ndarray, most: float) -> int:
    """Where |x[i]| > most for the first time, or -1."""
    return first(~(np.abs(numbers("x_N", x_N)) <= binary64("most", most)))


def first_shrunk(before_N: np.ndarray, after_N: np.ndarray, factor: float, slack: float) -> int:
    """Where after[i] < before[i] factor - slack, or after[i] < 0, for the first time, or -1."""
    factor_64, slack_64 = binary64("factor", factor), binary64("slack", slack)
    before = numbers("before_N", before_N)
    after = numbers("after_N", after_N, len(before))
    with np.errstate(all="ignore"):
        return first(~((after >= before * factor_64 - slack_64) & (after >= 0)))


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
