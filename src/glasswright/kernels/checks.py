"""What a definition accepts: C-contiguous arrays of stated shape and type, NumPy's or torch's, checked at the door."""

from typing import Any

import numpy as np

KERNELS: list[str] = []  # a part of the definitions, not a kernel


def array(name: str, value: Any, *shape: int | None, dtype: type[np.generic] = np.float32) -> np.ndarray:
    """See `value` as a NumPy array over the same memory; None in `shape` is any length.

    Raises:  ValueError naming the argument, what was expected and what was found.
    """
    found = np.asarray(value)
    fits = found.ndim == len(shape) and all(
        wanted is None or wanted == length for wanted, length in zip(shape, found.shape, strict=True)
    )
    if not fits or found.dtype != dtype or not found.flags.c_contiguous:
        wanted_shape = ", ".join("any" if length is None else str(length) for length in shape)
        raise ValueError(
            f"{name}: expected C-contiguous {np.dtype(dtype).name} of shape ({wanted_shape}), "
            f"got {found.dtype.name} of shape {found.shape}"
        )
    return found


def flat(name: str, value: Any, size: int | None = None, *, dtype: type[np.generic] = np.float32) -> np.ndarray:
    """See `value`, of any shape, as a vector over the same memory: for kernels that go element by element.

    Raises:  ValueError naming the argument, what was expected and what was found.
    """
    found = np.asarray(value)
    return array(name, found.reshape(-1) if found.flags.c_contiguous else found, size, dtype=dtype)


def number(name: str, value: float) -> np.float32:
    """A scalar that enters arithmetic: a Python float that binary32 holds exactly.

    Raises:  ValueError if rounding it would change it.
    """
    with np.errstate(over="ignore"):
        exact = np.float32(value)
    if float(exact) != float(value) and value == value:
        raise ValueError(f"{name}: expected a number that is exact in binary32, got {value!r}")
    return exact
