"""Exact constants: a rational or a long decimal, rounded once to binary32."""

from decimal import Decimal, localcontext
from fractions import Fraction

KERNELS: list[str] = []  # constants are computed here, never on arrays

PRECISION = 60  # decimal digits for what has no exact rational value, such as theta ** (-i / n)

_SIGNIFICAND_BITS = 24
_MIN_EXPONENT = -149  # of the last place of a subnormal
_MAX = (2**24 - 1) * 2**104


def nearest_binary32(value: Fraction | Decimal | int) -> float:
    """The binary32 value nearest to an exact one, ties to even, as a Python float.

    Raises:  ValueError if the magnitude rounds to infinity.
    Source:  IEEE 754-2019, section 4.3.1.
    """
    exact = Fraction(value)
    if exact == 0:
        return 0.0
    magnitude = abs(exact)
    # 2**exponent is the unit in the last place: the quotient then has 24 bits, fewer below the normal range.
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length() - _SIGNIFICAND_BITS
    if magnitude >= Fraction(2) ** (exponent + _SIGNIFICAND_BITS):
        exponent += 1
    exponent = max(exponent, _MIN_EXPONENT)
    significand = round(magnitude / Fraction(2) ** exponent)  # Python rounds ties to even
    rounded = significand * Fraction(2) ** exponent
    if rounded > _MAX:
        raise ValueError(f"{float(exact):g} is beyond binary32")
    return float(rounded) if exact > 0 else -float(rounded)


def power(base: Decimal, exponent: Fraction) -> Decimal:
    """base ** exponent to PRECISION digits."""
    with localcontext() as context:
        context.prec = PRECISION
        return (base.ln() * exponent.numerator / exponent.denominator).exp()


def square_root(value: Fraction | int) -> Decimal:
    """The square root to PRECISION digits."""
    with localcontext() as context:
        context.prec = PRECISION
        exact = Fraction(value)
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).sqrt()
