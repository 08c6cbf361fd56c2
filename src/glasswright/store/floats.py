"""The 16-bit floats that checkpoints are stored in, to binary32 and back: exactly, or not at all.

    BF16    the upper half of a binary32
    F16     IEEE-754 binary16

Every value of either is a binary32. The way back is open to those alone; nothing is rounded.
"""

import numpy as np

HALVES = ("BF16", "F16")


def widen(stored: np.ndarray, dtype: str, out: np.ndarray) -> None:
    """Write binary32 values to `out`. `stored` holds the bits of BF16 or F16 as unsigned 16-bit integers."""
    if dtype == "BF16":
        np.left_shift(stored, 16, out=out.view(np.uint32), dtype=np.uint32)
    else:
        np.copyto(out, stored.view(np.float16))


def holds(dtype: str, array: np.ndarray) -> bool:
    """Whether every one of these float32 values is one of BF16 or F16."""
    try:
        narrowed(array, dtype)
    except ValueError:
        return False
    return True


def narrowed(array: np.ndarray, dtype: str) -> np.ndarray:
    """The bits of float32 values in BF16 or F16.

    Raises:  ValueError if one of the values is none of that type.
    """
    bits = np.ascontiguousarray(array, dtype="<f4").view("<u4")
    half = (bits >> 16).astype("<u2") if dtype == "BF16" else _binary16(bits)
    back = np.empty(bits.shape, np.float32)
    widen(half, dtype, back)
    if not np.array_equal(back.view(np.uint32), bits):
        raise ValueError(f"a value that {dtype} does not hold")
    return half


def _binary16(bits: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", under="ignore"):
        return bits.view("<f4").astype("<f2").view("<u2")
