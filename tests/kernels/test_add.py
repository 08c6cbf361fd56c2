"""The elementwise sum: equal bits, and one ULP that is noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import native


def vector(size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(size).astype(np.float32)


@given(size=st.integers(0, 70), seed=st.integers(0, 9), offset=st.integers(0, 3))
def test_twin_is_bit_equal_for_every_size(twins, size, seed, offset):
    assert twins.agree("add", vector(size, seed), vector(size, seed + 1), vector(size, 2), offset=offset)


def test_twin_is_bit_equal_on_several_tasks(twins):
    assert twins.agree("add", vector(50_001, 0), vector(50_001, 1), vector(50_001, 2), threads=(1, 2, 3))


def test_twin_is_bit_equal_at_special_values(twins, specials):
    a, b = (grid.reshape(-1) for grid in np.meshgrid(specials, specials))
    assert twins.agree("add", a, b, np.empty_like(a))


def test_one_ulp_in_one_operand_is_noticed(twins):
    a, b = vector(100, 0), np.zeros(100, np.float32)
    moved = a.copy()
    moved[99] = np.nextafter(moved[99], np.float32(9))
    for isa in twins.isas:
        assert np.array_equal(twins.run(native(isa), "add", a, b, b)[2], a)
        assert not np.array_equal(twins.run(native(isa), "add", moved, b, b)[2], a)


def test_the_sum_may_be_written_over_either_operand(twins):
    for _, kernels in twins.each():
        for place in (0, 1):
            operands = [vector(100, 0), vector(100, 1)]
            wanted = operands[0] + operands[1]
            kernels.add(*operands, operands[place])
            assert np.array_equal(operands[place], wanted)


def test_sizes_that_differ_are_refused(twins):
    for _, kernels in twins.each():
        with pytest.raises(ValueError, match="b: expected C-contiguous float32 of 3 elements, got .*(4)"):
            kernels.add(vector(3, 0), vector(4, 0), vector(3, 0))
        with pytest.raises(ValueError, match="out: expected C-contiguous float32 of 3 elements, got .*(4)"):
            kernels.add(vector(3, 0), vector(3, 0), vector(4, 0))
