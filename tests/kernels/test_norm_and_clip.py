"""The gradient norm and its clipping factor: the order of the sum, and what a limit does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import native


def squares(num: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(num) ** 2 * 2.0 ** rng.integers(-20, 20, num)).astype(np.float32)


def norm_and_clip(kernels, squares_P: np.ndarray, limit: float) -> tuple[np.float32, np.float32]:
    out_2 = np.empty(2, np.float32)
    kernels.norm_and_clip(squares_P, limit, out_2)
    return out_2[0], out_2[1]


@given(num=st.integers(0, 70), seed=st.integers(0, 9), limit=st.sampled_from([0.0, 2.0**-20, 1.0, 2.0**20, np.inf]))
def test_twin_is_bit_equal(twins, num, seed, limit):
    assert twins.agree("norm_and_clip", squares(num, seed), limit, np.empty(2, np.float32))


def test_twin_is_bit_equal_at_special_values(twins, specials):
    for value in specials:
        assert twins.agree("norm_and_clip", np.array([1, value], np.float32), 1.0, np.empty(2, np.float32))


def test_squares_are_added_in_the_order_given(twins):
    values = np.array([1, 2.0**-24, 2.0**-24], np.float32)
    for _, kernels in twins.each():
        assert norm_and_clip(kernels, values, 2.0)[0] == 1
        assert norm_and_clip(kernels, values[::-1].copy(), 2.0)[0] == np.sqrt(np.float32(1 + 2.0**-23))


@pytest.mark.parametrize(
    ("values", "limit", "expected"),
    [
        ([9, 16], 1.0, (5, 0.2)),
        ([9, 16], 5.0, (5, 1)),  # a norm at the limit is not above it
        ([9, 16], 8.0, (5, 1)),
        ([], 1.0, (0, 1)),
        ([np.inf], 1.0, (np.inf, 0)),
        ([np.nan], 1.0, (np.nan, 1)),
    ],
)
def test_a_gradient_above_the_limit_is_brought_down_to_it(twins, values, limit, expected):
    for _, kernels in twins.each():
        found = norm_and_clip(kernels, np.array(values, np.float32), limit)
        assert np.array_equal(found, np.array(expected, np.float32), equal_nan=True)


def test_one_ulp_of_one_square_is_noticed(twins):
    values = squares(30, 1)
    moved = values.copy()
    largest = int(np.argmax(values))
    moved[largest] *= np.float32(1 + 2.0**-20)
    for isa in twins.isas:
        assert norm_and_clip(native(isa), values, 1.0) != norm_and_clip(native(isa), moved, 1.0)


def test_what_does_not_fit_is_refused(twins):
    for _, kernels in twins.each():
        with pytest.raises(ValueError, match="limit: expected a number that is exact in binary32"):
            norm_and_clip(kernels, squares(3, 0), 0.1)
        with pytest.raises(ValueError, match="out_2"):
            kernels.norm_and_clip(squares(3, 0), 1.0, np.empty(3, np.float32))
