"""Root-mean-square normalization: equal bits, the gradient, the fused forms, and what must be noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, native, sums

EPSILON = 2.0**-17
ROWS = st.sampled_from([0, 1, 2, 5, 33])
WIDTHS = st.one_of(st.integers(1, 140), st.sampled_from([256, 300]))


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def forward_arguments(rows: int, width: int, seed: int = 0) -> tuple:
    x = floats(rows, width, seed=seed)
    return x, floats(width, seed=seed), EPSILON, np.empty_like(x), np.empty(rows, np.float32)


def backward_arguments(rows: int, width: int, seed: int = 0) -> tuple:
    x, gain, epsilon, out, rstd = forward_arguments(rows, width, seed)
    definitions().rmsnorm(x, gain, epsilon, out, rstd)
    return floats(rows, width, seed=seed + 100), x, gain, rstd, np.empty_like(x), np.empty_like(gain)


@given(rows=ROWS, width=WIDTHS, seed=st.integers(0, 9), offset=st.integers(0, 3))
def test_twins_are_bit_equal_for_every_width(twins, rows, width, seed, offset):
    x, gain, epsilon, out, rstd = forward_arguments(rows, width, seed)
    dout, _, _, saved_rstd, dx, dgain = backward_arguments(rows, width, seed)
    assert twins.agree("rmsnorm", x, gain, epsilon, out, rstd, offset=offset)
    assert twins.agree("add_rmsnorm", x, dout, gain, epsilon, dx, out, rstd, offset=offset)
    assert twins.agree("rmsnorm_backward", dout, x, gain, saved_rstd, dx, dgain, offset=offset)
    assert twins.agree("add_rmsnorm_backward", x[::-1].copy(), dout, x, gain, saved_rstd, dx, dgain, offset=offset)


@pytest.mark.parametrize("rows", [511, 512, 513, 1030])
def test_gain_gradient_is_bit_equal_around_whole_chunks_of_rows(twins, rows):
    assert twins.agree("rmsnorm_backward", *backward_arguments(rows, 67))


def test_twins_are_bit_equal_at_special_values(twins, specials):
    for shift in range(0, len(specials), 3):
        x = np.resize(np.roll(specials, shift), (7, 19))
        gain, rstd = np.resize(specials, 19), np.resize(np.roll(specials, 2), 7)
        out = np.empty_like(x)
        assert twins.agree("rmsnorm", x, gain, EPSILON, out, rstd, threads=(1,))
        assert twins.agree("add_rmsnorm", x, x[::-1].copy(), gain, 0.0, out, out, rstd, threads=(1,))
        assert twins.agree("rmsnorm_backward", x[::-1].copy(), x, gain, rstd, out, gain, threads=(1,))


def test_another_chunk_of_rows_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(sums, "ROWS_CHUNK", 256)
    assert not twins.agree("rmsnorm_backward", *backward_arguments(700, 67))


def test_one_ulp_in_one_element_is_noticed(twins):
    x, gain, epsilon, out, rstd = forward_arguments(33, 64)
    wanted = twins.run(twins.definitions, "rmsnorm", x, gain, epsilon, out, rstd)[2]
    x[32, 63] = np.nextafter(x[32, 63], np.float32(9))
    for isa in twins.isas:
        assert not np.array_equal(twins.run(native(isa), "rmsnorm", x, gain, epsilon, out, rstd)[2], wanted)


def test_the_fused_forms_are_the_plain_ones_after_another(twins):
    x, gain, epsilon, out, rstd = forward_arguments(9, 70)
    dout, _, _, _, dx, dgain = backward_arguments(9, 70)
    delta, dsum = floats(9, 70, seed=1), floats(9, 70, seed=2)
    for _, kernels in twins.each():
        _, _, _, total, fused, fused_rstd = twins.run(kernels, "add_rmsnorm", x, delta, gain, epsilon, dx, out, rstd)
        _, _, plain, plain_rstd = twins.run(kernels, "rmsnorm", x + delta, gain, epsilon, out, rstd)
        assert np.array_equal(total, x + delta)
        assert np.array_equal(fused, plain)
        assert np.array_equal(fused_rstd, plain_rstd)
        arguments = (dout, total, gain, plain_rstd, dx, dgain)
        *_, through_norm, plain_dgain = twins.run(kernels, "rmsnorm_backward", *arguments)
        *_, fused_dx, fused_dgain = twins.run(kernels, "add_rmsnorm_backward", dsum, *arguments)
        assert np.array_equal(fused_dx, dsum + through_norm)
        assert np.array_equal(fused_dgain, plain_dgain)


def test_gradients_may_be_written_over_what_they_are_computed_from(twins):
    dout, x, gain, rstd, dx, dgain = backward_arguments(700, 67)
    for _, kernels in twins.each():
        *_, wanted_dx, wanted_dgain = twins.run(kernels, "rmsnorm_backward", dout, x, gain, rstd, dx, dgain)
        for place in (0, 1):
            inputs = [dout.copy(), x.copy()]
            kernels.rmsnorm_backward(*inputs, gain, rstd, inputs[place], dgain)
            assert np.array_equal(inputs[place], wanted_dx)
            assert np.array_equal(dgain, wanted_dgain)


def test_gradients_agree_with_central_differences_in_binary64():
    dout, x, gain, _, dx, dgain = backward_arguments(4, 13)

    def loss(x: np.ndarray, gain: np.ndarray) -> float:
        normalized = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + EPSILON) * gain
        return float((normalized * dout).sum())

    native().rmsnorm_backward(*backward_arguments(4, 13)[:4], dx, dgain)
    x64, gain64, step = x.astype(np.float64), gain.astype(np.float64), 1e-6
    for i in np.ndindex(x.shape):
        move = np.zeros_like(x64)
        move[i] = step
        slope = (loss(x64 + move, gain64) - loss(x64 - move, gain64)) / (2 * step)
        assert abs(slope - dx[i]) < 1e-5  # a few roundings of numbers near 1, and step^2
    for d in range(13):
        move = np.zeros_like(gain64)
        move[d] = step
        slope = (loss(x64, gain64 + move) - loss(x64, gain64 - move)) / (2 * step)
        assert abs(slope - dgain[d]) < 1e-5


def test_a_wrong_shape_is_refused_by_both_sides():
    x, gain, epsilon, out, rstd = forward_arguments(3, 8)
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match=r"gain_D: expected .*shape \(8\), got .*\(7"):
            kernels.rmsnorm(x, gain[:7].copy(), epsilon, out, rstd)


def test_an_epsilon_that_binary32_cannot_hold_is_refused_by_both_sides():
    x, gain, _, out, rstd = forward_arguments(3, 8)
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="epsilon: expected a number that is exact in binary32"):
            kernels.rmsnorm(x, gain, 1e-5, out, rstd)
