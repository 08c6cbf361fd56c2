"""Sums in 64 lanes and a tree: equal bits everywhere, the documented order, and a reordering that is noticed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import native, sums

SIZES = st.one_of(st.integers(0, 200), st.sampled_from([255, 256, 257, 1000, 65535, 65536, 65537, 131073]))


def vector(size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(size).astype(np.float32)


def total(kernels, name: str, x: np.ndarray) -> np.float32:
    out = np.empty(1, np.float32)
    getattr(kernels, name)(x, out)
    return out[0]


@pytest.mark.parametrize("name", ["ordered_sum", "sum_of_squares"])
@given(size=SIZES, seed=st.integers(0, 99), offset=st.integers(0, 3))
def test_twin_is_bit_equal_for_every_length(twins, name, size, seed, offset):
    assert twins.agree(name, vector(size, seed), np.empty(1, np.float32), offset=offset)


@pytest.mark.parametrize("name", ["ordered_sum", "sum_of_squares"])
def test_twin_is_bit_equal_at_special_values(twins, specials, name):
    for size in range(1, 130, 3):
        assert twins.agree(name, np.roll(np.resize(specials[:-2], size), size), np.empty(1, np.float32), threads=(1,))


def test_the_order_is_lanes_of_64_and_then_neighbours():
    x = vector(700, 3)
    lanes = [np.float32(0)] * 64
    for i, value in enumerate(x):
        lanes[i % 64] += value
    while len(lanes) > 1:
        lanes = [a + b for a, b in zip(lanes[::2], lanes[1::2], strict=True)]
    assert total(native(), "ordered_sum", x) == lanes[0]


def test_another_number_of_lanes_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(sums, "NUM_LANES", 32)
    for name in ("ordered_sum", "sum_of_squares"):
        assert not all(twins.agree(name, vector(5000, seed), np.empty(1, np.float32)) for seed in range(8))


def test_another_block_of_squares_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(sums, "SQUARES_BLOCK", 1 << 15)
    assert not all(twins.agree("sum_of_squares", vector(200_000, seed), np.empty(1, np.float32)) for seed in range(8))


def test_the_last_bits_of_one_element_are_noticed():
    x = np.abs(vector(64, 5))
    moved = x.copy()
    moved[63] += np.float32(2.0**-17)  # one ULP of the sum, which is below 64
    assert total(native(), "ordered_sum", x) != total(native(), "ordered_sum", moved)


@pytest.mark.parametrize("name", ["ordered_sum", "sum_of_squares"])
def test_the_sum_of_nothing_and_of_negative_zeros_is_positive_zero(twins, name):
    for _, kernels in twins.each():
        for size in (0, 1, 65):
            found = total(kernels, name, np.full(size, -0.0, np.float32))
            assert found == 0
            assert not np.signbit(found)


def test_the_error_stays_within_the_documented_bound():
    x = vector(10_000, 8)
    exact = math.fsum(x.tolist())
    bound = (10_000 / 64 + 6) * 2.0**-24 * math.fsum(np.abs(x).tolist())
    assert abs(float(total(native(), "ordered_sum", x)) - exact) <= bound


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_all_finite_finds_a_single_bad_element_anywhere(twins, bad):
    for _, kernels in twins.each():
        for size, place in [(1, 0), (17, 16), (200_000, 131_072), (200_000, 199_999)]:
            x = vector(size, 1)
            assert kernels.all_finite(x) is True
            x[place] = bad
            assert kernels.all_finite(x) is False


def test_the_largest_numbers_and_subnormals_are_finite(twins):
    x = np.array([3.4028235e38, -3.4028235e38, 1e-45, -0.0], np.float32)
    for _, kernels in twins.each():
        assert kernels.all_finite(x)
        assert kernels.all_finite(x[:0])
