"""What a definition takes for a number, checked at the door as `checks` does for arrays; NumPy is not needed for it."""

from typing import Any

KERNELS: list[str] = []  # a part of the definitions, not a kernel


def binary64(name: str, value: Any) -> float:
    """A Python number.

    Raises:  ValueError naming the argument and what was found.
    """
    if hasattr(value, "__float__") or hasattr(value, "__index__"):
        try:
            return float(value)
        except Exception:  # whatever a conversion raises: it gives no number
            pass
    raise ValueError(f"{name}: expected a number, got {type(value).__name__}")


def integer(name: str, value: Any, low: int, high: int) -> int:
    """A Python integer from low to high.

    Raises:  ValueError naming the argument, what was expected and what was found.
    """
    if not hasattr(value, "__index__"):
        raise ValueError(f"{name}: expected an integer, got {type(value).__name__}")
    index: int = value.__index__()
    if not low <= index <= high:
        raise ValueError(f"{name}: expected {low} to {high}, got {index}")
    return index
