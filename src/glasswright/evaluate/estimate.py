"""A mean of items, and how far it may be from that of all items like them.

    mean     = sum v / sum w                          v an item's value, w its weight (1, or the bytes of a text)
    u        = sum over a cluster of (v - mean * w)
    error^2  = C / (C - 1) * sum over clusters of u^2 / (sum w)^2          C clusters

    a mean   mean +- z * error
    a share  Wilson's interval for n = min(N, N / effect) items, effect = error^2 / (mean * (1 - mean) / (N - 1)),
             which is 1 where items are independent; for a share of 0 or 1, n = C

The standard error is that of a ratio under clustered sampling (Cochran 1977, section 11.10, as of an endless
population; for evaluations Miller 2024, arXiv 2411.00640, section 2.2). A share's interval from it, by the effective
number of items, is in Korn and Graubard 1998; that it is taken for at most N is NCHS's rule (Parker et al. 2017).
Wilson's interval has a width where all items are right or none is (Brown, Cai and DasGupta 2001 recommend it).

All sums are exact, of fractions; roots and what follows are decimals of 50 digits: no machine's float comes in.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

Z = Decimal("1.959964")  # the normal distribution's 97.5 percent
EXACTLY = Context(prec=50, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
PLACES = Decimal("0.000001")
MANY = Decimal("1e12")  # beyond which places mean nothing: seven digits and an exponent


class Value(NamedTuple):
    """What one item adds to a mean."""

    cluster: str
    value: Fraction
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, the square of its standard error (None: of fewer than two clusters), and of how much it is."""

    mean: Fraction
    error_squared: Fraction | None
    num_items: int
    num_clusters: int


def estimate(values: Sequence[Value]) -> Estimate:
    """The mean of at least one item, with its error.

    Raises:  ValueError if there is none.
    """
    if not values:
        raise ValueError("values: expected at least one")
    weight = sum((one.weight for one in values), Fraction())
    mean = sum((one.value for one in values), Fraction()) / weight
    residuals: dict[str, Fraction] = defaultdict(Fraction)
    for one in values:
        residuals[one.cluster] += one.value - mean * one.weight
    num_clusters = len(residuals)
    if num_clusters < 2:
        return Estimate(mean, None, len(values), num_clusters)
    squares = sum((residual**2 for residual in residuals.values()), Fraction())
    error_squared = squares / weight**2 * Fraction(num_clusters, num_clusters - 1)
    return Estimate(mean, error_squared, len(values), num_clusters)


def interval_of_mean(found: Estimate) -> tuple[Decimal, Decimal] | None:
    """Around the mean of any values."""
    if found.error_squared is None:
        return None
    with localcontext(EXACTLY):
        mean, half = decimal(found.mean), Z * decimal(found.error_squared).sqrt()
        return mean - half, mean + half


def interval_of_share(found: Estimate) -> tuple[Decimal, Decimal] | None:
    """Around a share of items, which is from 0 to 1."""
    if found.error_squared is None:
        return None
    spread = found.mean * (1 - found.mean)
    effective = Fraction(found.num_items)
    if not spread:
        effective = Fraction(found.num_clusters)
    elif found.error_squared:
        effective = min(effective, effective * spread / (found.num_items - 1) / found.error_squared)
    with localcontext(EXACTLY):
        p, n, square = decimal(found.mean), decimal(effective), Z * Z
        middle = p + square / (2 * n)
        half = Z * (p * (1 - p) / n + square / (4 * n * n)).sqrt()
        return max(Decimal(0), (middle - half) / (1 + square / n)), min(Decimal(1), (middle + half) / (1 + square / n))


def decimal(value: Fraction) -> Decimal:
    """A fraction to the digits of the context."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def rounded(value: Fraction | Decimal) -> str:
    """A figure as it is recorded: six places."""
    with localcontext(EXACTLY):
        exact = decimal(value) if isinstance(value, Fraction) else value
        return f"{exact:.6e}" if abs(exact) >= MANY else f"{exact.quantize(PLACES):f}"
