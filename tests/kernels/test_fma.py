"""The emulated fused multiply-add against exact rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glasswright.kernels.fma import fma

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


def rounded_once(exact: Fraction) -> np.float32:
    """The binary32 nearest to a rational number but zero, ties to even; written without binary64."""
    size = abs(exact)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if Fraction(2) ** exponent > size:
        exponent -= 1
    unit = Fraction(2) ** max(exponent - 23, -149)
    count = round(size / unit)  # Fraction rounds ties to even
    value = count * unit
    if value >= Fraction(2) ** 128:
        return np.float32(np.inf if exact > 0 else -np.inf)
    return np.float32(float(value) if exact > 0 else -float(value))


def check(a: float, b: float, c: float) -> None:
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    found = fma(np.float32(a), np.float32(b), np.float32(c))
    if exact == 0:  # the sign of an exact zero: see the last test
        assert found == 0
    else:
        assert found.tobytes() == rounded_once(exact).tobytes(), (a.hex(), b.hex(), c.hex())


@settings(max_examples=400)
@given(a=finite, b=finite, c=finite)
def test_fma_rounds_the_exact_value_once(a, b, c):
    check(a, b, c)


@settings(max_examples=400)
@given(a=finite, b=finite, shift=st.integers(-30, 30), nudge=st.integers(-2, 2))
def test_fma_rounds_the_exact_value_once_where_terms_nearly_cancel_or_tie(a, b, shift, nudge):
    with np.errstate(all="ignore"):
        c = np.float32(-a * b * 2.0**shift)
    if not np.isfinite(c):
        return
    for _ in range(abs(nudge)):
        c = np.nextafter(c, np.float32(np.inf if nudge > 0 else -np.inf), dtype=np.float32)
    if np.isfinite(c):
        check(a, b, float(c))


def test_fma_rounds_the_exact_value_once_among_subnormals_and_below():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        a = np.float32(rng.standard_normal() * 2.0 ** int(rng.integers(-90, -60)))
        b = np.float32(rng.standard_normal() * 2.0 ** int(rng.integers(-90, -60)))
        c = np.float32(rng.standard_normal() * 2.0 ** int(rng.integers(-155, -120)))  # often a zero
        check(float(a), float(b), float(c))


@pytest.mark.parametrize(
    ("a", "b", "c"),
    [
        # a * b + c lies just beside the middle of two binary32 numbers, nearer than binary64 can tell.
        (1 + 2.0**-12, 1 + 2.0**-12, 2.0**-149),
        (1 + 2.0**-12, 1 + 2.0**-12, -(2.0**-149)),
        (1 + 2.0**-12, -1 - 2.0**-12, 2.0**-149),
    ],
)
def test_rounding_the_binary64_sum_would_be_wrong_here_and_fma_is_right(a, b, c):
    check(a, b, c)
    if c * a * b < 0:
        return
    assert np.float32(a * b + c) != fma(np.float32(a), np.float32(b), np.float32(c))


def test_infinities_nan_and_zeros_follow_the_standard():
    inf, nan = np.float32(np.inf), np.float32(np.nan)
    assert fma(inf, np.float32(2), np.float32(1)) == inf
    assert np.isnan(fma(inf, np.float32(0), np.float32(1)))
    assert np.isnan(fma(inf, np.float32(1), -inf))
    assert np.isnan(fma(nan, np.float32(1), np.float32(1)))
    assert fma(np.float32(3e38), np.float32(3e38), -inf) == -inf
    assert np.signbit(fma(np.float32(-0.0), np.float32(1), np.float32(-0.0)))
    assert not np.signbit(fma(np.float32(-0.0), np.float32(1), np.float32(0.0)))
