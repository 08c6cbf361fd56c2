"""A bias on every row: equal bits, the sum over rows, and what must be noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, native, sums


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


@given(rows=st.integers(0, 40), width=st.integers(1, 140), seed=st.integers(0, 9), offset=st.integers(0, 3))
def test_twins_are_bit_equal_for_every_size(twins, rows, width, seed, offset):
    x, bias = floats(rows, width, seed=seed), floats(width, seed=seed)
    assert twins.agree("add_bias", x, bias, np.empty_like(x), offset=offset)
    assert twins.agree("bias_gradient", x, np.empty_like(bias), offset=offset)


@pytest.mark.parametrize("rows", [511, 512, 513, 1030])
def test_the_gradient_is_bit_equal_around_whole_chunks_of_rows(twins, rows):
    assert twins.agree("bias_gradient", floats(rows, 67), np.empty(67, np.float32))


def test_twins_are_bit_equal_at_special_values(twins, specials):
    x = np.resize(specials, (29, 19))
    assert twins.agree("add_bias", x, np.resize(specials[::-1], 19), np.empty_like(x))
    assert twins.agree("bias_gradient", x, np.empty(19, np.float32))


def test_another_chunk_of_rows_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(sums, "ROWS_CHUNK", 256)
    assert not twins.agree("bias_gradient", floats(700, 67), np.empty(67, np.float32))


def test_one_ulp_in_the_bias_is_noticed(twins):
    x, bias = floats(3, 64), floats(64)
    wanted = twins.run(twins.definitions, "add_bias", x, bias, np.empty_like(x))[2]
    bias[63] += np.float32(2.0**-20)
    for isa in twins.isas:
        assert not np.array_equal(twins.run(native(isa), "add_bias", x, bias, np.empty_like(x))[2], wanted)


def test_the_gradient_is_the_sum_of_the_rows():
    dout, dbias = floats(300, 9), np.empty(9, np.float32)
    native().bias_gradient(dout, dbias)
    assert np.abs(dbias - dout.astype(np.float64).sum(axis=0)).max() < 1e-4  # 300 roundings of sums below 64


def test_a_wrong_shape_is_refused_by_both_sides():
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match=r"bias_N: expected .*shape \(3\), got .*\(2"):
            kernels.add_bias(floats(2, 3), floats(2), floats(2, 3))
