"""exp, log, sin, cos, sigmoid, tanh and erf: polynomials in fused multiply-adds, the same bits everywhere.

    exp(x)     = 2^n e^r              n = round(x log2 e), r = x - n ln 2, e^r = 1 + r + r^2 P(r)
    log(x)     = e ln 2 + log(1 + f)  x = 2^e (1 + f), sqrt(1/2) <= 1 + f < sqrt(2)
    sigmoid(x) = 1 / (1 + z)          z = exp(-|x|); for x < 0: z / (1 + z)
    tanh(x)    = (1 - z) / (1 + z)    z = exp(-2|x|); for |x| < 5/8: x + x^3 P(x^2)
    erf(x)     = 1 - exp(-|x| + |x| Q(|x|)), and the sign of x; for |x| < 7/8: x + x P(x^2)
    sin, cos   = by quadrant          |x| = q pi/2 + r, in integers, exact for every binary32 x

Error against the exact value, all 2^32 inputs tried: see docs/numerics.md, which names the command. Where a value is
written `(high, low)` it is the unevaluated sum of two binary32 numbers, and `low` carries what rounding `high` lost.
Coefficients come from benchmarks/ulp/coefficients.py. NaN in gives NaN out (which NaN is not defined). out may be x.
"""

from collections.abc import Callable

import numpy as np

from glasswright.kernels.checks import Door
from glasswright.kernels.fma import fma

KERNELS = ["exp", "log", "sin", "cos", "sigmoid", "tanh", "erf"]

Floats = np.ndarray


def constants(*hexadecimal: str) -> tuple[np.float32, ...]:
    """Hex floats, every one exact in binary32."""
    return tuple(np.float32(float.fromhex(text)) for text in hexadecimal)


# Adding it rounds to an integer, which then sits in the low bits.
ROUNDER = np.float32(1.5 * 2**23)
ROUNDER_BITS = np.int32(0x4B400000)
LOG2_E, LN2_HIGH, LN2_LOW = constants("0x1.715476p+0", "0x1.63p-1", "-0x1.bd0106p-13")
EXP = constants("0x1.fffffcp-2", "0x1.55548cp-3", "0x1.555858p-5", "0x1.123dep-7", "0x1.6ac754p-10")
LOG = constants(
    "0x1.555554p-2", "-0x1.000228p-2", "0x1.99a036p-3", "-0x1.547194p-3",
    "0x1.22d41ap-3", "-0x1.0d860ap-3", "0x1.05aba8p-3", "-0x1.39d1p-4",
)  # fmt: skip
SIN = constants("-0x1.555546p-3", "0x1.110778p-7", "-0x1.995408p-13")
COS = constants("0x1.55554ap-5", "-0x1.6c0c28p-10", "0x1.99e80cp-16")
TANH = constants("-0x1.555532p-2", "0x1.1106f6p-3", "-0x1.b835a4p-5", "0x1.51f8cep-6", "-0x1.750ce2p-8")
ERF = constants(
    "0x1.06eba8p-3", "-0x1.81274p-2", "0x1.ce2d5cp-4", "-0x1.b7ff9p-6",
    "0x1.54318ep-8", "-0x1.a4d12cp-11", "0x1.4a01d6p-14",
)  # fmt: skip
ERF_TAIL = constants(
    "-0x1.07385cp-3", "-0x1.4577eap-1", "-0x1.af5ba2p-4", "0x1.778f2ap-6", "-0x1.a6b872p-9", "0x1.c35a78p-13"
)  # fmt: skip

HALF_PI_HIGH, HALF_PI_LOW = constants("0x1.921fb6p+0", "-0x1.777a5cp-25")
QUARTER_PI = np.float32(HALF_PI_HIGH / 2)
# A word of zeros, then the bits of 2/pi.
TWO_OVER_PI = np.array(
    [0, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB], np.uint64
)


def exp(x_N: Floats, out_N: Floats) -> None:
    """Write e^x: +inf above 88.72, subnormal and then +0 below -87.33."""
    write(exp_of, x_N, out_N)


def log(x_N: Floats, out_N: Floats) -> None:
    """Write the natural logarithm: -inf at either zero, NaN below."""
    write(log_of, x_N, out_N)


def sin(x_N: Floats, out_N: Floats) -> None:
    """Write the sine of x radians: NaN at infinity, -0 at -0."""
    write(sin_of, x_N, out_N)


def cos(x_N: Floats, out_N: Floats) -> None:
    """Write the cosine of x radians: NaN at infinity."""
    write(cos_of, x_N, out_N)


def sigmoid(x_N: Floats, out_N: Floats) -> None:
    """Write 1 / (1 + e^-x)."""
    write(sigmoid_of, x_N, out_N)


def tanh(x_N: Floats, out_N: Floats) -> None:
    """Write the hyperbolic tangent: -0 at -0."""
    write(tanh_of, x_N, out_N)


def erf(x_N: Floats, out_N: Floats) -> None:
    """Write the error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x: -0 at -0."""
    write(erf_of, x_N, out_N)


def write(function: Callable[[Floats], Floats], x_N: Floats, out_N: Floats) -> None:
    door = Door()
    x = door.reads_flat("x_N", x_N)
    out = door.writes_flat("out_N", out_N, len(x), may_be=("x_N",))
    out[...] = function(x)


def polynomial(coefficients: tuple[np.float32, ...], x: Floats) -> Floats:
    """c[0] + x (c[1] + x (c[2] + ...)), a fused multiply-add a step."""
    value = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = fma(value, x, coefficient)
    return value


def power_of_two(n: np.ndarray) -> Floats:
    """2^n as binary32 for -126 <= n <= 127, by its exponent bits."""
    return ((n.astype(np.int32) + np.int32(127)) << np.int32(23)).view(np.float32)


def times_power_of_two(x: Floats, n: np.ndarray) -> Floats:
    """x * 2^n for -252 <= n <= 254, in two steps of which only the last can round."""
    half = n >> 1
    with np.errstate(all="ignore"):
        return np.asarray(x * power_of_two(half) * power_of_two(n - half))


def exp_parts(x: Floats) -> tuple[Floats, Floats, np.ndarray]:
    """(high, low, n) with e^x = (high + low) 2^n and 0.7 <= high <= 1.5."""
    with np.errstate(all="ignore"):
        shifted = fma(x, LOG2_E, ROUNDER)
        n = shifted - ROUNDER
        r = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, x))
        line = np.float32(1) + r
        rest = fma(r * r, polynomial(EXP, r), (np.float32(1) - line) + r)
        high = line + rest
        return high, (line - high) + rest, shifted.view(np.int32) - ROUNDER_BITS


def exp_of(x: Floats) -> Floats:
    x = np.where(x > 89, np.float32(89), x)  # exp(89) overflows
    x = np.where(x < -104, np.float32(-104), x)  # exp(-104) is nearer to 0 than to a number
    high, _, n = exp_parts(x)
    return times_power_of_two(high, n)


def log_of(x: Floats) -> Floats:
    is_subnormal = x < np.float32(2.0**-126)
    sqrt_half_bits = np.int32(0x3F3504F3)
    with np.errstate(all="ignore"):
        scaled = np.where(is_subnormal, x * np.float32(2.0**23), x)
        offset = scaled.view(np.int32) - sqrt_half_bits
        e = ((offset >> 23) + ROUNDER_BITS).view(np.float32) - ROUNDER
        e = np.where(is_subnormal, e - np.float32(23), e)
        f = ((offset & np.int32(0x007FFFFF)) + sqrt_half_bits).view(np.float32) - np.float32(1)

        square = f * f
        tail = fma(e, LN2_LOW, (f * square) * polynomial(LOG, f))
        rest = fma(square, np.float32(-0.5), tail)
        whole = e * LN2_HIGH  # exact: eight bits times nine
        high = whole + f
        low = (whole - high) + f
        out = high + (low + rest)
    out = np.where(x == 0, np.float32(-np.inf), out)
    out = np.where(x < 0, np.float32(np.nan), out)
    return np.where(x < np.inf, out, x)


def divide_pairs(top_high: Floats, top_low: Floats, bottom_high: Floats, bottom_low: Floats) -> Floats:
    """(top_high + top_low) / (bottom_high + bottom_low), nearly correctly rounded."""
    with np.errstate(all="ignore"):
        reciprocal = np.float32(1) / bottom_high
        quotient = top_high * reciprocal
        rest = fma(-quotient, bottom_high, top_high) + fma(-quotient, bottom_low, top_low)
        return fma(rest, reciprocal, quotient)


def sigmoid_of(x: Floats) -> Floats:
    one = np.float32(1)
    is_negative = x < 0
    size = np.abs(x)
    high, low, n = exp_parts(-np.where(size > 104, np.float32(104), size))
    z_high, z_low = times_power_of_two(high, n), times_power_of_two(low, n)
    with np.errstate(all="ignore"):
        bottom = one + z_high
        bottom_low = ((one - bottom) + z_high) + z_low
    top, top_low = np.where(is_negative, high, one), np.where(is_negative, low, np.float32(0))
    quotient = divide_pairs(top, top_low, bottom, bottom_low)
    return np.where(is_negative, times_power_of_two(quotient, n), quotient)


def tanh_of(x: Floats) -> Floats:
    one = np.float32(1)
    size = np.abs(x)
    with np.errstate(all="ignore"):
        square = size * size
        small = fma(size * square, polynomial(TANH, square), size)
        high, low, n = exp_parts(np.float32(-2) * np.where(size > 10, np.float32(10), size))
        z_high, z_low = times_power_of_two(high, n), times_power_of_two(low, n)
        top, bottom = one - z_high, one + z_high
        top_low = ((one - top) - z_high) - z_low
        bottom_low = ((one - bottom) + z_high) + z_low
        large = divide_pairs(top, top_low, bottom, bottom_low)
    return np.asarray(np.copysign(np.where(size < np.float32(0.625), small, large), x))


def erf_of(x: Floats) -> Floats:
    size = np.abs(x)
    with np.errstate(all="ignore"):
        small = fma(size, polynomial(ERF, size * size), size)
        t = np.where(size > 4, np.float32(4), size)  # 1 - erf(4) is below 2^-25
        p = polynomial(ERF_TAIL, t)
        y = fma(t, p, -t)
        y_low = fma(t, p, -t - y)
        high, low, n = exp_parts(y)
        z_high, z_low = times_power_of_two(high, n), times_power_of_two(fma(high, y_low, low), n)
        rest = np.float32(1) - z_high
        large = rest + (((np.float32(1) - rest) - z_high) - z_low)
    return np.asarray(np.copysign(np.where(size < np.float32(0.875), small, large), x))


def reduce(x: Floats) -> tuple[np.ndarray, Floats, Floats]:
    """(quadrant, high, low) with |x| = quadrant pi/2 + (high + low), -pi/4 <= high <= pi/4.

    |x| is an integer of 24 bits times a power of two. Of the bits of 2/pi those that would only add whole turns are
    left out, the next 96 are multiplied exactly, and the top 64 bits of the product are the fraction of a turn: two
    for the quadrant, 62 for the rest. The nearest binary32 comes to a multiple of pi/2 is about 2^-33 quarter turns.
    """
    size = np.abs(x)
    is_small = size < QUARTER_PI
    bits = np.where(is_small | ~np.isfinite(x), np.float32(1), size).view(np.uint32).astype(np.uint64)
    turn = turns(bits & np.uint64(0x007FFFFF) | np.uint64(0x00800000), (bits >> np.uint64(23)) - np.uint64(120))

    quadrant = (turn + np.uint64(1 << 61)) >> np.uint64(62)
    rest = (turn - (quadrant << np.uint64(62))).view(np.int64)
    rest_size = np.abs(rest)
    first = (rest_size >> 38).astype(np.float32) * np.float32(2.0**-24)
    second = (rest_size >> 14 & 0xFFFFFF).astype(np.float32) * np.float32(2.0**-48)
    third = (rest_size & 0x3FFF).astype(np.float32) * np.float32(2.0**-62)
    quarter_high = first + second
    quarter_low = ((first - quarter_high) + second) + third

    angle = quarter_high * HALF_PI_HIGH
    product_low = fma(quarter_high, HALF_PI_HIGH, -angle)
    angle_low = product_low + fma(quarter_high, HALF_PI_LOW, quarter_low * HALF_PI_HIGH)
    high = np.where(is_small, size, np.where(rest < 0, -angle, angle))
    low = np.where(is_small, np.float32(0), np.where(rest < 0, -angle_low, angle_low))
    return np.where(is_small, np.uint64(0), quadrant), high, low


def turns(mantissa: np.ndarray, position: np.ndarray) -> np.ndarray:
    """The fraction of a full turn in 2^-64: mantissa times the 96 bits of 2/pi from `position` on."""

    def word(k: int) -> np.ndarray:
        i = (position >> np.uint64(5)).astype(np.int64) + k
        pair = TWO_OVER_PI[i] << np.uint64(32) | TWO_OVER_PI[i + 1]
        return np.asarray(pair >> (np.uint64(32) - (position & np.uint64(31))) & np.uint64(0xFFFFFFFF))

    low = mantissa * word(2)
    middle = mantissa * word(1) + (low >> np.uint64(32))
    high = mantissa * word(0) + (middle >> np.uint64(32))
    return np.asarray(high << np.uint64(32) | middle & np.uint64(0xFFFFFFFF))


def sin_near_zero(high: Floats, low: Floats) -> Floats:
    with np.errstate(all="ignore"):
        square = high * high
        low_part = fma(np.float32(-0.5) * square, low, low)  # times the cosine, nearly
        return np.asarray(high + fma(high * square, polynomial(SIN, square), low_part))


def cos_near_zero(high: Floats, low: Floats) -> Floats:
    with np.errstate(all="ignore"):
        square = high * high
        half = np.float32(0.5) * square
        whole = np.float32(1) - half
        tail = fma(square * square, polynomial(COS, square), -(high * low))
        return np.asarray(whole + (((np.float32(1) - whole) - half) + tail))


def sin_of(x: Floats) -> Floats:
    quadrant, high, low = reduce(x)
    size = np.where(quadrant & np.uint64(1), cos_near_zero(high, low), sin_near_zero(high, low))
    signed = np.where((quadrant >> np.uint64(1) != 0) != np.signbit(x), -size, size)
    return np.where(np.isfinite(x), signed, np.float32(np.nan))


def cos_of(x: Floats) -> Floats:
    quadrant, high, low = reduce(x)
    size = np.where(quadrant & np.uint64(1), sin_near_zero(high, low), cos_near_zero(high, low))
    signed = np.where((quadrant == 1) | (quadrant == 2), -size, size)
    return np.where(np.isfinite(x), signed, np.float32(np.nan))
