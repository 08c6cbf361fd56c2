"""The next token: the same on every instruction set, and the one that the probabilities say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

HALF_UP = 1 - 2.0**-24  # the largest fraction there is


def logits(size: int, seed: int) -> np.ndarray:
    return (4 * np.random.default_rng(seed).standard_normal(size)).astype(np.float32)


@given(
    size=st.integers(1, 70),
    seed=st.integers(0, 9),
    temperature=st.sampled_from([0.0, 2.0**-149, 0.125, 0.75, 1.0, 2.0**100]),
    fraction=st.integers(0, 2**24 - 1),
    offset=st.integers(0, 3),
)
def test_twin_picks_the_same_token(twins, size, seed, temperature, fraction, offset):
    assert twins.agree("pick", logits(size, seed), temperature, fraction / 2**24, offset=offset)


def test_twin_picks_the_same_token_among_many(twins):
    for fraction in np.linspace(0, 0.99, 20, dtype=np.float32):
        assert twins.agree("pick", logits(50_001, 0), 0.75, float(fraction))


def test_twin_picks_the_same_token_at_special_values(twins, specials):
    for first in specials:
        for temperature in (0.0, 1.0):
            assert twins.agree("pick", np.array([first, *specials[::3]], np.float32), temperature, 0.5)
            assert twins.agree("pick", np.array([first], np.float32), temperature, 0.5)


@pytest.mark.parametrize(
    ("values", "fraction", "token"),
    [
        ([0, 0, 0, 0], 0.0, 0),
        ([0, 0, 0, 0], 0.25, 1),  # a fraction that falls on an edge belongs to the token after it
        ([0, 0, 0, 0], 0.25 - 2.0**-24, 0),
        ([0, 0, 0, 0], HALF_UP, 3),
        ([-np.inf, 0, -np.inf], 0.0, 1),
        ([-np.inf, 0, -np.inf], HALF_UP, 1),
    ],
)
def test_a_fraction_falls_on_a_token_s_share(twins, values, fraction, token):
    for _, kernels in twins.each():
        assert kernels.pick(np.array(values, np.float32), 1.0, fraction) == token


def test_at_temperature_zero_the_first_of_the_largest_is_taken(twins):
    for _, kernels in twins.each():
        assert kernels.pick(np.array([1, 3, np.nan, 3, 2], np.float32), 0.0, 0.75) == 1


def test_another_temperature_is_another_token(twins):
    for _, kernels in twins.each():
        assert kernels.pick(np.array([2, 0, 0, 0], np.float32), 0.5, 0.75) == 0
        assert kernels.pick(np.array([2, 0, 0, 0], np.float32), 2.0, 0.75) == 2


@pytest.mark.parametrize(
    ("values", "temperature", "fraction", "message"),
    [
        ([], 1.0, 0.5, "logits_V: expected at least one"),
        ([1.0], -1.0, 0.5, "expected temperature >= 0"),
        ([1.0], float("nan"), 0.5, "expected temperature >= 0"),
        ([1.0], 1.0, 1.0, "0 <= fraction < 1"),
        ([1.0], 0.1, 0.5, "temperature: expected a number that is exact in binary32"),
    ],
)
def test_what_does_not_fit_is_refused(twins, values, temperature, fraction, message):
    for _, kernels in twins.each():
        with pytest.raises(ValueError, match=message):
            kernels.pick(np.array(values, np.float32), temperature, fraction)
