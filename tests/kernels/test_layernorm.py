"""Layer normalization: equal bits, the gradient, the fused form, and what must be noticed."""

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
    """(x, gain, bias, epsilon, out, mean, rstd)"""
    x = floats(rows, width, seed=seed) + np.float32(seed)
    per_row = np.empty(rows, np.float32)
    return x, floats(width, seed=seed), floats(width, seed=seed + 1), EPSILON, np.empty_like(x), per_row, per_row.copy()


def backward_arguments(rows: int, width: int, seed: int = 0) -> tuple:
    """(dsum, dout, sum, gain, mean, rstd, dx, dgain, dbias)"""
    x, gain, bias, epsilon, out, mean, rstd = forward_arguments(rows, width, seed)
    definitions().layernorm(x, gain, bias, epsilon, out, mean, rstd)
    dsum, dout = floats(rows, width, seed=seed + 100), floats(rows, width, seed=seed + 200)
    return dsum, dout, x, gain, mean, rstd, np.empty_like(x), np.empty_like(gain), np.empty_like(bias)


@given(rows=ROWS, width=WIDTHS, seed=st.integers(0, 9), offset=st.integers(0, 3))
def test_twins_are_bit_equal_for_every_width(twins, rows, width, seed, offset):
    x, *rest = forward_arguments(rows, width, seed)
    delta, total = floats(rows, width, seed=seed + 50), np.empty_like(x)
    assert twins.agree("layernorm", x, *rest, offset=offset)
    assert twins.agree("add_layernorm", x, delta, *rest[:3], total, *rest[3:], offset=offset)
    assert twins.agree("add_layernorm_backward", *backward_arguments(rows, width, seed), offset=offset)


@pytest.mark.parametrize("rows", [511, 512, 513, 1030])
def test_gradients_are_bit_equal_around_whole_chunks_of_rows(twins, rows):
    assert twins.agree("add_layernorm_backward", *backward_arguments(rows, 67))


def test_twins_are_bit_equal_at_special_values(twins, specials):
    for shift in range(0, len(specials), 3):
        x = np.resize(np.roll(specials, shift), (7, 19))
        gain, bias, rstd = np.resize(specials, 19), np.resize(specials[::-1], 19), np.resize(np.roll(specials, 2), 7)
        assert twins.agree("layernorm", x, gain, bias, EPSILON, np.empty_like(x), rstd, rstd, threads=(1,))
        gradients = (np.empty_like(x), gain, gain)
        assert twins.agree("add_layernorm_backward", x, x[::-1].copy(), x, gain, rstd, rstd, *gradients, threads=(1,))


def test_another_chunk_of_rows_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(sums, "ROWS_CHUNK", 256)
    assert not twins.agree("add_layernorm_backward", *backward_arguments(700, 67))


def test_a_variance_in_one_pass_is_noticed(twins, monkeypatch):
    """The mean of the squares less the square of the mean: the same on paper."""
    name = "glasswright.kernels.layernorm.dot_rows"

    def in_one_pass(y_RD: np.ndarray, _: np.ndarray) -> np.ndarray:
        x_RD = y_RD + mean_R[:, None]
        return sums.dot_rows(x_RD, x_RD) - mean_R * mean_R * np.float32(x_RD.shape[1])

    x, *rest = forward_arguments(9, 70, seed=3)
    mean_R = sums.sum_rows(x) / np.float32(70)
    monkeypatch.setattr(name, in_one_pass)
    assert not twins.agree("layernorm", x, *rest)


def test_the_last_bits_of_one_element_are_noticed(twins):
    x, *rest = forward_arguments(33, 64)
    wanted = twins.run(twins.definitions, "layernorm", x, *rest)[3]
    x[32, 63] *= np.float32(1 + 2.0**-20)  # the mean takes 1/64 of it away again
    for isa in twins.isas:
        assert not np.array_equal(twins.run(native(isa), "layernorm", x, *rest)[3], wanted)


def test_the_fused_form_is_the_sum_and_then_the_plain_one(twins):
    x, *rest = forward_arguments(9, 70)
    delta = floats(9, 70, seed=1)
    for _, kernels in twins.each():
        *_, total, fused, mean, rstd = twins.run(
            kernels, "add_layernorm", x, delta, *rest[:3], np.empty_like(x), *rest[3:]
        )
        *_, plain, plain_mean, plain_rstd = twins.run(kernels, "layernorm", x + delta, *rest)
        assert np.array_equal(total, x + delta)
        for found, wanted in ((fused, plain), (mean, plain_mean), (rstd, plain_rstd)):
            assert np.array_equal(found, wanted)


def test_a_row_far_from_zero_is_normalized_as_one_near_it():
    x, gain, bias, epsilon, out, mean, rstd = forward_arguments(5, 64)
    native().layernorm(x, gain, bias, epsilon, out, mean, rstd)
    near = out.copy()
    native().layernorm(x + np.float32(4096), gain, bias, epsilon, out, mean, rstd)
    assert np.abs(out - near).max() < 2e-3  # x + 4096 is rounded to 2^-11, and its mean to 2^-12


def test_gradients_may_be_written_over_what_they_are_computed_from(twins):
    *inputs, dx, dgain, dbias = backward_arguments(700, 67)
    for _, kernels in twins.each():
        *_, wanted, wanted_dgain, wanted_dbias = twins.run(kernels, "add_layernorm_backward", *inputs, dx, dgain, dbias)
        for place in (0, 1, 2):
            copies = [x.copy() for x in inputs]
            kernels.add_layernorm_backward(*copies, copies[place], dgain, dbias)
            assert np.array_equal(copies[place], wanted)
            assert np.array_equal(dgain, wanted_dgain)
            assert np.array_equal(dbias, wanted_dbias)


def test_gradients_agree_with_central_differences_in_binary64():
    dsum, dout, x, gain, mean, rstd, dx, dgain, dbias = backward_arguments(4, 13)
    bias = floats(13, seed=1)

    def loss(x: np.ndarray, gain: np.ndarray, bias: np.ndarray) -> float:
        y = x - x.mean(axis=1, keepdims=True)
        normalized = y / np.sqrt((y * y).mean(axis=1, keepdims=True) + EPSILON) * gain + bias
        return float((normalized * dout).sum() + (x * dsum).sum())

    native().add_layernorm_backward(dsum, dout, x, gain, mean, rstd, dx, dgain, dbias)
    values, step = [v.astype(np.float64) for v in (x, gain, bias)], 1e-6
    for place, gradient in enumerate((dx, dgain, dbias)):
        for i in np.ndindex(gradient.shape):
            losses = []
            for sign in (1, -1):
                moved = [v.copy() for v in values]
                moved[place][i] += sign * step
                losses.append(loss(*moved))
            assert abs((losses[0] - losses[1]) / (2 * step) - gradient[i]) < 1e-5  # a few roundings of numbers near 1


def test_a_wrong_shape_is_refused_by_both_sides():
    x, gain, bias, *rest = forward_arguments(3, 8)
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match=r"bias_D: expected .*shape \(8\), got .*\(7"):
            kernels.layernorm(x, gain, bias[:7].copy(), *rest)
