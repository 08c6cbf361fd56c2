"""Round numbers along an axis.

0  50  100  150  200
"""

import math
from itertools import pairwise

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(low: float, high: float, *, most: int) -> list[float]:
    """At most `most` multiples of 1, 2, 2.5 or 5 times a power of ten, from `low` to `high`."""
    if not low < high:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (step * power * scale for scale in (1, 10) for step in STEPS):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [number * step for number in range(first, last + 1)]
    raise AssertionError("unreachable: ten times the power is a tick or less")


def label(value: float, among: list[float]) -> str:
    """A tick as short as it is told from the others: 0.5, 12,000."""
    apart = min((b - a for a, b in pairwise(among)), default=1.0)
    digits = next((digits for digits in range(7) if abs(round(apart, digits) - apart) < apart * 1e-6), 7)
    return f"{value:,.{digits}f}"
