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

Neither side needs NumPy, for who checks a release may not have it. They read whatever has a buffer of the right format,
writable or not, wherever it begins: an `array.array`, a `memoryview`, an array of NumPy's or torch's. Bytes, and a file
mapped by `mmap`, say what they hold by a cast: `memoryview(mapped)[start:end].cast("f")`, "H" for uint16, "I" for
uint32.

Shapes:  any, read as a vector; two arrays have the same number of elements.
Dtypes:  float32; ids uint16 or uint32; little-endian.
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from glasswright.kernels.scalars import binary64, integer

KERNELS = ["first_not_below", "first_not_finite", "first_above", "first_shrunk", "first_moved", "first_misspelt"]


def first_not_below(ids_N: Any, limit: int) -> int:
    """Where ids[i] >= limit for the first time, or -1."""
    ids = vector("ids_N", ids_N, "HI")
    end = integer("limit", limit, 0, 2**64 - 1)
    return first(id_ >= end for id_ in ids)


def first_misspelt(ids_N: Any, ends_V: Any, spelled_B: Any, text_T: Any) -> int:
    """Which token is the first that does not spell the text where it comes, or -1; N where the text goes on.

    Token v stands for the bytes spelled[ends[v - 1] : ends[v]], token 0 for those up to ends[0]. An id that has no
    such bytes spells nothing, and is found.

    Dtypes:  ids uint16 or uint32, ends uint32, bytes uint8.
    """
    ids, ends = vector("ids_N", ids_N, "HI"), vector("ends_V", ends_V, "I")
    spelled, text, at = bytes(vector("spelled_B", spelled_B, "B")), bytes(vector("text_T", text_T, "B")), 0
    for i, id_ in enumerate(ids):
        begin, end = (ends[id_ - 1] if id_ else 0, ends[id_]) if id_ < len(ends) else (1, 0)
        if begin > end or end > len(spelled) or not text.startswith(spelled[begin:end], at):
            return i
        at += end - begin
    return -1 if at == len(text) else len(ids)


def first_not_finite(x_N: Any) -> int:
    """Where x[i] is NaN or infinite for the first time, or -1."""
    return first(not math.isfinite(x) for x in vector("x_N", x_N, "f"))


def first_above(x_N: Any, most: float) -> int:
    """Where |x[i]| > most for the first time, or -1."""
    most_64 = binary64("most", most)
    return first(not abs(x) <= most_64 for x in vector("x_N", x_N, "f"))


def first_shrunk(before_N: Any, after_N: Any, factor: float, slack: float) -> int:
    """Where after[i] < before[i] factor - slack, or after[i] < 0, for the first time, or -1."""
    factor_64, slack_64 = binary64("factor", factor), binary64("slack", slack)
    before = vector("before_N", before_N, "f")
    after = vector("after_N", after_N, "f", len(before))
    return first(not (b >= a * factor_64 - slack_64 and b >= 0) for a, b in zip(before, after, strict=True))


def first_moved(before_N: Any, after_N: Any, factor: float, most: float) -> int:
    """Where |after[i] - factor before[i]| > most for the first time, or -1."""
    factor_64, most_64 = binary64("factor", factor), binary64("most", most)
    before = vector("before_N", before_N, "f")
    after = vector("after_N", after_N, "f", len(before))
    return first(not abs(b - factor_64 * a) <= most_64 for a, b in zip(before, after, strict=True))


def first(found_N: Iterable[bool]) -> int:
    return next((i for i, is_found in enumerate(found_N) if is_found), -1)


def vector(name: str, value: Any, formats: str, size: int | None = None) -> Sequence[Any]:
    """What a buffer holds, as a vector. NumPy comes in where it is of another kind or shape, or to be refused.

    Raises:  ValueError naming the argument, what was expected and what was found.
    """
    if isinstance(value, bytes | bytearray | array | memoryview):
        seen = memoryview(value)
        if seen.format in formats and seen.ndim == 1 and seen.contiguous and size in (None, len(seen)):
            return seen
    import numpy as np

    from glasswright.kernels.checks import flat

    dtypes = tuple(np.dtype(form).type for form in formats)
    held: list[Any] = flat(name, value, size, dtypes=dtypes, is_aligned=False).tolist()
    return held
