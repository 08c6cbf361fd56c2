"""Rows to their experts and back: equal bits, the order of places and of sums, and what must be noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, experts, native


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def choice(rows: int, num: int, end: int, seed: int = 0) -> np.ndarray:
    """Some experts for each row, ascending."""
    rng = np.random.default_rng([seed, rows, num])
    return np.sort(rng.permuted(np.tile(np.arange(end), (rows, 1)), axis=1)[:, :num], axis=1)


def dispatched(kernels, expert: np.ndarray, num_experts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(place, row, count)."""
    out = np.full(expert.shape, -7), np.full(expert.size, -7), np.full(num_experts, -7)
    kernels.dispatch(expert, *out)
    return out


@given(rows=st.integers(0, 30), num=st.integers(1, 4), width=st.integers(0, 70), seed=st.integers(0, 9))
def test_twins_are_bit_equal_for_every_shape(twins, rows, num, width, seed):
    expert, y, dout = choice(rows, num, 6, seed), floats(rows * num, width, seed=seed), floats(rows, width, seed=seed)
    assert twins.agree("dispatch", expert, np.full((rows, num), -7), np.full(rows * num, -7), np.full(6, -7))
    place, weight = dispatched(native(), expert, 6)[0], floats(rows, num, seed=seed)
    assert twins.agree("combine", y, place, weight, np.empty_like(dout), offset=seed % 4)
    backward = (dout, y, place, weight, np.empty_like(y), np.empty_like(weight))
    assert twins.agree("combine_backward", *backward, offset=seed % 4)


def test_twins_are_bit_equal_on_several_tasks(twins):
    place, weight = dispatched(native(), choice(500, 3, 8), 8)[0], floats(500, 3)
    y, dout = floats(1500, 130), floats(500, 130)
    assert twins.agree("combine", y, place, weight, np.empty_like(dout), threads=(1, 2, 3))
    backward = (dout, y, place, weight, np.empty_like(y), np.empty_like(weight))
    assert twins.agree("combine_backward", *backward, threads=(1, 2, 3))


def test_twins_are_bit_equal_at_special_values(twins, specials):
    y, weight = np.repeat(specials, 21).reshape(-1, 21), np.roll(specials, 5).reshape(-1, 2).copy()
    place = np.arange(len(specials)).reshape(-1, 2)
    out = np.empty((len(place), 21), np.float32)
    assert twins.agree("combine", y, place, weight, out)
    assert twins.agree("combine_backward", y[: len(place)].copy(), y, place, weight, np.empty_like(y), weight)


def test_places_go_by_expert_and_then_by_row(twins):
    expert = np.array([[0, 2], [1, 2], [0, 1], [0, 2]])
    for _, kernels in twins.each():
        place, row, count = dispatched(kernels, expert, 4)
        assert row.tolist() == [0, 2, 3, 1, 2, 0, 1, 3]
        assert count.tolist() == [3, 2, 3, 0]
        assert place.tolist() == [[0, 5], [3, 6], [1, 4], [2, 7]]


def test_a_sum_is_a_chain_in_the_order_of_experts(twins):
    y, place = np.array([[1.0], [2.0**-24], [2.0**-24]], np.float32), np.array([[0, 1, 2]])
    out = np.empty((1, 1), np.float32)
    for _, kernels in twins.each():
        kernels.combine(y, place, np.ones((1, 3), np.float32), out)
        assert out[0, 0] == 1
        kernels.combine(y[::-1].copy(), place, np.ones((1, 3), np.float32), out)
        assert out[0, 0] == np.float32(1 + 2.0**-23)


def test_a_row_does_not_depend_on_the_others(twins):
    """Alone, or among others: the same sum, whatever places it has there."""
    expert, outputs_RXD, weight = choice(20, 3, 8), floats(20, 8, 33), floats(20, 3)
    for _, kernels in twins.each():
        for rows in (slice(0, 20), slice(7, 8), slice(5, 12)):
            place, row, count = dispatched(kernels, expert[rows], 8)
            y = outputs_RXD[rows][row, np.repeat(np.arange(8), count)]
            out = np.empty((len(place), 33), np.float32)
            kernels.combine(y, place, weight[rows], out)
            if rows == slice(0, 20):
                wanted = out
            assert np.array_equal(out, wanted[rows])


def test_another_order_of_experts_is_noticed(twins, monkeypatch):
    place, weight = dispatched(native(), choice(50, 3, 8), 8)[0], floats(50, 3)
    call = (floats(150, 20), place, weight, floats(50, 20))
    assert twins.agree("combine", *call)
    ordinary = experts.operands

    def backwards(*arguments):
        y, place, weight = ordinary(*arguments)
        return y, place[:, ::-1], weight[:, ::-1]

    monkeypatch.setattr(experts, "operands", backwards)
    assert not twins.agree("combine", *call)


def test_the_gradient_is_that_of_a_sum_of_products():
    place, weight, y, dout = dispatched(native(), choice(40, 2, 5), 5)[0], floats(40, 2), floats(80, 9), floats(40, 9)
    dy, dweight, out = np.empty_like(y), np.empty_like(weight), np.empty_like(dout)
    native().combine(y, place, weight, out)
    native().combine_backward(dout, y, place, weight, dy, dweight)
    # Linear in y and in the weights: <dout, out> = <dy, y> = <dweight, weight>, up to roundings of 720 numbers near 1.
    total = (dout.astype(np.float64) * out).sum()
    assert abs(total - (dy.astype(np.float64) * y).sum()) < 1e-4
    assert abs(total - (dweight.astype(np.float64) * weight).sum()) < 1e-4


@pytest.mark.parametrize(("expert", "found"), [([[0, 0]], 0), ([[2, 1]], 1), ([[0, 4]], 4), ([[-1, 1]], -1)])
def test_experts_that_are_not_ascending_are_refused_by_both_sides(expert, found):
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match=f"expert_RK: expected ascending numbers from 0 to 3 .*, got {found} at"):
            dispatched(kernels, np.array(expert), 4)


@pytest.mark.parametrize(("place", "found"), [([[0, 0]], 0), ([[0, 2]], 2), ([[-1, 0]], -1)])
def test_a_place_that_is_none_or_is_taken_is_refused_by_both_sides(place, found):
    y, weight, out = floats(2, 3), floats(1, 2), floats(1, 3)
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match=f"place_RK: expected each of 0 to 1 once, got {found} at"):
            kernels.combine(y, np.array(place), weight, out)
        with pytest.raises(ValueError, match=f"place_RK: expected each of 0 to 1 once, got {found} at"):
            kernels.combine_backward(out, y, np.array(place), weight, floats(2, 3, seed=1), floats(1, 2))
