"""Table lookup: equal bits, gradients folded in order of token and row, and what must be noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, native


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def tokens(rows: int, num_tokens: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, num_tokens, rows)


@given(rows=st.integers(0, 60), num_tokens=st.integers(1, 9), width=st.integers(0, 40), seed=st.integers(0, 9))
def test_twins_are_bit_equal_for_every_shape(twins, rows, num_tokens, width, seed):
    token, dout = tokens(rows, num_tokens, seed), floats(rows, width, seed=seed)
    table = floats(num_tokens, width, seed=seed)
    assert twins.agree("embedding", table, token, np.empty_like(dout), offset=seed % 4)
    assert twins.agree("embedding_backward", dout, token, np.empty_like(table), offset=seed % 4)


def test_twins_are_bit_equal_on_several_tasks(twins):
    token, dout, table = tokens(1000, 700), floats(1000, 67), floats(700, 67)
    assert twins.agree("embedding", table, token, np.empty_like(dout), threads=(1, 2, 3))
    assert twins.agree("embedding_backward", dout, token, np.empty_like(table), threads=(1, 2, 3))


def test_twins_are_bit_equal_at_special_values(twins, specials):
    token = tokens(len(specials), 4)
    dout = np.resize(specials, (len(specials), 21))
    assert twins.agree("embedding", dout, token, np.empty_like(dout))
    assert twins.agree("embedding_backward", dout, token, np.empty((4, 21), np.float32))


def test_rows_are_added_in_order_and_a_token_not_met_is_positive_zero(twins):
    dout = np.array([[1.0], [2.0**-24], [2.0**-24], [-0.0]], np.float32)
    for _, kernels in twins.each():
        dtable = np.full((4, 1), 7, np.float32)
        kernels.embedding_backward(dout, np.array([1, 1, 1, 3]), dtable)
        assert np.array_equal(dtable.view(np.uint32), np.array([[0], [0x3F800000], [0], [0]], np.uint32))
        kernels.embedding_backward(dout[::-1].copy(), np.array([3, 1, 1, 1]), dtable)
        assert dtable[1, 0] == np.float32(1 + 2.0**-23)  # another order, another sum


def test_another_order_of_rows_is_noticed(twins):
    token, dout = tokens(200, 3), floats(200, 5)
    wanted = twins.run(twins.definitions, "embedding_backward", dout, token, floats(3, 5))[2]
    for isa in twins.isas:
        backwards = (dout[::-1].copy(), token[::-1].copy(), floats(3, 5))
        assert not np.array_equal(twins.run(native(isa), "embedding_backward", *backwards)[2], wanted)


def test_the_gradient_is_the_transposed_lookup():
    token, dout, table = tokens(50, 6), floats(50, 4), floats(6, 4)
    out, dtable = np.empty_like(dout), np.empty_like(table)
    native().embedding(table, token, out)
    native().embedding_backward(dout, token, dtable)
    # The map is linear, so <dout, lookup(table)> = <dtable, table>, up to the roundings of 200 numbers near 1.
    assert abs((dout.astype(np.float64) * out).sum() - (dtable.astype(np.float64) * table).sum()) < 1e-4


@pytest.mark.parametrize("bad", [-1, 6])
def test_a_token_outside_the_table_is_refused_by_both_sides_with_its_row(bad):
    token = np.array([0, 5, bad, 9])
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match=f"token_R: expected ids from 0 to 5, got {bad} at row 2"):
            kernels.embedding(floats(6, 4), token, floats(4, 4))
        with pytest.raises(ValueError, match=f"token_R: expected ids from 0 to 5, got {bad} at row 2"):
            kernels.embedding_backward(floats(4, 4), token, floats(6, 4))
