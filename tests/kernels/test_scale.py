"""The product with one number: equal bits, and one ULP that is noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import native

THIRD = float(np.float32(1 / 3))


def vector(size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(size).astype(np.float32)


@given(size=st.integers(0, 70), seed=st.integers(0, 9), offset=st.integers(0, 3))
def test_twin_is_bit_equal_for_every_size(twins, size, seed, offset):
    assert twins.agree("scale", vector(size, seed), THIRD, vector(size, 1), offset=offset)


def test_twin_is_bit_equal_on_several_tasks_and_at_special_values(twins, specials):
    assert twins.agree("scale", vector(50_001, 0), THIRD, vector(50_001, 1), threads=(1, 2, 3))
    for factor in specials:
        assert twins.agree("scale", specials, float(factor), np.empty_like(specials))


def test_the_product_may_be_written_over_its_operand(twins):
    for _, kernels in twins.each():
        x = vector(100, 0)
        wanted = x * np.float32(THIRD)
        kernels.scale(x, THIRD, x)
        assert np.array_equal(x, wanted)


def test_one_ulp_of_the_factor_is_noticed(twins):
    x, other = vector(100, 0), float(np.nextafter(np.float32(THIRD), np.float32(1)))
    for isa in twins.isas:
        found, moved = (twins.run(native(isa), "scale", x, factor, x)[1] for factor in (THIRD, other))
        assert not np.array_equal(found, moved)


def test_what_does_not_fit_is_refused(twins):
    for _, kernels in twins.each():
        with pytest.raises(ValueError, match="factor: expected a number that is exact in binary32"):
            kernels.scale(vector(3, 0), 0.1, vector(3, 0))
        with pytest.raises(ValueError, match="out_N"):
            kernels.scale(vector(3, 0), 0.5, vector(4, 0))
