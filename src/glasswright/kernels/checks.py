"""What a definition accepts, checked at the door in the words of native/bind/arrays.cc, which does it for the twins.

Arrays are C-contiguous, of stated shape and type, in the processor's memory: NumPy's, torch's, or whatever has a
buffer. Nothing is copied or converted on the way in: a tensor that stands for the negative of what lies in its memory
is refused, as is an array that would be written where another one of the same call lies.
"""

import math
from typing import Any

import numpy as np

from glasswright.kernels.scalars import binary64

KERNELS: list[str] = []  # a part of the definitions, not a kernel

# An array without elements may not be longer than this along its other axes together: whoever goes through its rows
# would be at it for ever.
MAX_EMPTY = 1 << 31


class Door:
    """The arrays of one call, as they come in.

    None is written where another lies, but that an output may be one of the arrays that it names, whole, which have
    come in before it.
    """

    def __init__(self) -> None:
        self._passed: list[tuple[str, np.ndarray, bool]] = []

    def reads(self, name: str, value: Any, *shape: int | None, dtype: type[np.generic] = np.float32) -> np.ndarray:
        """An array that the kernel reads; None in `shape` is any length.

        Raises:  ValueError naming the argument, what was expected and what was found.
        """
        return self._keep(name, array(name, value, *shape, dtype=dtype))

    def writes(
        self, name: str, value: Any, *shape: int | None, dtype: type[np.generic] = np.float32,
        may_be: tuple[str, ...] = (),
    ) -> np.ndarray:  # fmt: skip
        """An array that the kernel writes; it may be one of `may_be`.

        Raises:  ValueError naming the argument, what was expected and what was found.
        """
        return self._keep(
            name, array(name, value, *shape, dtype=dtype, is_written=True), is_written=True, may_be=may_be
        )

    def reads_flat(self, name: str, value: Any, size: int | None = None) -> np.ndarray:
        """An array of any shape as a vector, for kernels that go element by element.

        Raises:  ValueError naming the argument, what was expected and what was found.
        """
        return self._keep(name, flat(name, value, size))

    def writes_flat(
        self, name: str, value: Any, size: int | None = None, *, may_be: tuple[str, ...] = ()
    ) -> np.ndarray:
        """The same, to be written.

        Raises:  ValueError naming the argument, what was expected and what was found.
        """
        return self._keep(name, flat(name, value, size, is_written=True), is_written=True, may_be=may_be)

    def _keep(
        self, name: str, found: np.ndarray, *, is_written: bool = False, may_be: tuple[str, ...] = ()
    ) -> np.ndarray:
        for other_name, other, other_is_written in self._passed:
            if not (is_written or other_is_written) or not np.may_share_memory(found, other):
                continue
            if other_name in may_be and span(found) == span(other):
                continue
            same = ", or the same array" if other_name in may_be else ""
            raise ValueError(
                f"{name}: expected memory apart from that of {other_name}{same}, got memory that overlaps it"
            )
        self._passed.append((name, found, is_written))
        return found


def array(
    name: str, value: Any, *shape: int | None, dtype: type[np.generic] = np.float32, is_written: bool = False
) -> np.ndarray:
    """See `value` as a NumPy array over the same memory; None in `shape` is any length.

    Raises:  ValueError naming the argument, what was expected and what was found.
    """
    found, words = see(value, is_written=is_written)
    fits = (
        found is not None
        and len(shape) == found.ndim
        and all(wanted is None or wanted == length for wanted, length in zip(shape, found.shape, strict=True))
    )
    if found is None or not fits or found.dtype != dtype:
        lengths = ", ".join("any" if length is None else str(length) for length in shape)
        raise ValueError(f"{name}: expected C-contiguous {np.dtype(dtype).name} of shape ({lengths}), got {words}")
    return found


def flat(
    name: str, value: Any, size: int | None = None, *, dtypes: tuple[type[np.generic], ...] = (np.float32,),
    is_written: bool = False, is_aligned: bool = True,
) -> np.ndarray:  # fmt: skip
    """See `value`, of any shape, as a vector over the same memory: for kernels that go element by element.

    Raises:  ValueError naming the argument, what was expected and what was found.
    """
    found, words = see(value, is_written=is_written, is_aligned=is_aligned)
    if found is None or found.dtype not in dtypes or size not in (None, found.size):
        kinds = " or ".join(np.dtype(dtype).name for dtype in dtypes)
        extent = "any shape" if size is None else f"{size} elements"
        raise ValueError(f"{name}: expected C-contiguous {kinds} of {extent}, got {words}")
    return found.reshape(-1)


def see(value: Any, *, is_written: bool = False, is_aligned: bool = True) -> tuple[np.ndarray | None, str]:
    """`value` as an array over the same memory, None where a kernel cannot have that; and in words what it is."""
    if hasattr(value, "is_neg"):  # a tensor of torch's, which NumPy would refuse with an error of another kind
        words = f"{str(value.dtype).removeprefix('torch.')} of shape {shape_text(value.shape)}"
        if value.device.type != "cpu":
            return None, f"{words}, on another device"
        if value.is_neg():
            return None, f"{words}, with the negative bit set"
        try:
            found = value.detach().numpy()
        except (TypeError, RuntimeError):  # a type or a layout that NumPy does not have
            return None, words
    elif isinstance(value, np.ndarray):
        found = value
    else:
        try:
            found = np.asarray(memoryview(value))
        except (TypeError, ValueError):
            return None, type(value).__name__
    words = f"{found.dtype.name} of shape {shape_text(found.shape)}"
    flaws = flaws_of(found, is_written=is_written, is_aligned=is_aligned)
    return (None if flaws else found), words + flaws


def flaws_of(found: np.ndarray, *, is_written: bool, is_aligned: bool) -> str:
    """For what an array is refused, whatever its shape and type."""
    flaws = {
        ", not contiguous": not found.flags.c_contiguous,
        ", not aligned": is_aligned and not found.flags.aligned,
        ", bytes in the other order": not found.dtype.isnative,
        ", read-only": is_written and not found.flags.writeable,
        ", empty and too long": found.size == 0 and math.prod(max(n, 1) for n in found.shape) > MAX_EMPTY,
    }
    return "".join(flaw for flaw, is_one in flaws.items() if is_one)


def shape_text(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})"


def span(found: np.ndarray) -> tuple[int, int]:
    """Where a contiguous array begins, and its bytes."""
    return found.__array_interface__["data"][0], found.nbytes


def number(name: str, value: Any) -> np.float32:
    """A scalar that enters arithmetic: a Python number that binary32 holds exactly.

    Raises:  ValueError if it is none, or if rounding it would change it.
    """
    given = binary64(name, value)
    with np.errstate(all="ignore"):
        exact = np.float32(given)
    if float(exact) != given and given == given:
        raise ValueError(f"{name}: expected a number that is exact in binary32, got {value!r}")
    return exact


def ascending(name: str, found: np.ndarray, end: int) -> None:
    """Rows of integers, in each every one larger than that before it, from 0 to below `end`.

    Raises:  ValueError naming the first that is not.
    """
    before = np.pad(found[:, :-1], ((0, 0), (1, 0)), constant_values=-1)[:, : found.shape[1]]
    for r, j in np.argwhere((found <= before) | (found >= end))[:1]:
        expected = f"expected ascending numbers from 0 to {end - 1} in each row"
        raise ValueError(f"{name}: {expected}, got {found[r, j]} at ({r}, {j})")
