"""binary32 from exact integers: a ratio, rounded once, as its bits.

value = significand * 2^exponent            24 bits, fewer below the normal range; exponent at least -149
bits  = significand + (exponent + 149) * 2^23
"""

from decimal import Decimal
from fractions import Fraction

INFINITY = 0x7F800000  # the bits from which on a value is not finite

_SIGNIFICAND = 2**24
_MIN_EXPONENT = -149  # of the last place of a subnormal


def nearest_bits(numerator: int, denominator: int) -> int:
    """The bits of the binary32 value nearest to numerator / denominator, ties to even; INFINITY where it is beyond.

    numerator >= 0, denominator > 0.
    Source:  IEEE 754-2019, section 4.3.1.
    """
    if numerator == 0:
        return 0
    exponent = max(numerator.bit_length() - denominator.bit_length() - 24, _MIN_EXPONENT)
    if exponent < 0:
        numerator <<= -exponent
    else:
        denominator <<= exponent
    significand, rest = divmod(numerator, denominator)
    if significand >= _SIGNIFICAND:  # one bit more than fits
        rest += (significand & 1) * denominator
        significand, denominator, exponent = significand >> 1, denominator << 1, exponent + 1
    significand += 2 * rest > denominator or (2 * rest == denominator and significand & 1)
    return min(significand + ((exponent + 149) << 23), INFINITY)


def nearest_bits_of(value: Decimal | Fraction | float) -> int:
    """The same for a number that is not negative."""
    return nearest_bits(*value.as_integer_ratio())


def spelled(bits: int) -> str:
    """The bits as a transcript writes them, "0x3f800000" for 1.0."""
    return f"0x{bits:08x}"
