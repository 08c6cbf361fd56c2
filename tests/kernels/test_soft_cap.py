"""A soft cap: equal bits, the function, and what must be noticed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import elementary, native


def floats(size: int, seed: int = 0) -> np.ndarray:
    return 40 * np.random.default_rng([seed, size]).standard_normal(size).astype(np.float32)


@given(size=st.integers(0, 140), cap=st.sampled_from([30.0, 0.5, -2.0]), offset=st.integers(0, 3))
def test_twins_are_bit_equal_for_every_size(twins, size, cap, offset):
    x = floats(size)
    assert twins.agree("soft_cap", x, cap, np.empty_like(x), offset=offset)


def test_twins_are_bit_equal_on_several_tasks_and_at_special_values(twins, specials):
    for x in (floats(20_011), specials):
        for cap in (30.0, 0.0, np.inf, 2.0**-149):
            assert twins.agree("soft_cap", x, cap, np.empty_like(x), threads=(1, 2, 3))


def test_one_ulp_in_one_coefficient_is_noticed(twins, monkeypatch):
    first, *others = elementary.TANH
    monkeypatch.setattr(elementary, "TANH", (np.nextafter(first, np.float32(9)), *others))
    x = floats(300)
    assert not twins.agree("soft_cap", x, 30.0, np.empty_like(x))


def test_the_result_is_the_capped_hyperbolic_tangent():
    x, out = floats(1000), np.empty(1000, np.float32)
    native().soft_cap(x, 30.0, out)
    assert np.abs(out - 30 * np.tanh(x.astype(np.float64) / 30)).max() < 30 * 2.0**-22  # three roundings and tanh's
