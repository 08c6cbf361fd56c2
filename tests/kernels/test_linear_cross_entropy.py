"""The last layer with its loss: twin and definition agree in every bit, and the gradients are gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import linear_cross_entropy, matmul, native

SCALE = 0.125
CAPS = (0.0, 2.0)
EVERYTHING, LOSS_ALONE = "linear_cross_entropy", "linear_cross_entropy_loss"
FROZEN = "linear_cross_entropy_frozen"
PRODUCTS = ("", "integer_")  # of version 1, and of version 2


def problem(R, V, D, seed, size=1.0):
    """(x, weight, target)"""
    rng = np.random.default_rng(seed)
    x = (rng.standard_normal((R, D)) * size).astype(np.float32)
    return x, rng.standard_normal((V, D)).astype(np.float32), rng.integers(-1, V, R)


def outputs(x, weight):
    """(loss, dx, dweight), holding NaN."""
    return tuple(np.full(shape, np.nan, np.float32) for shape in (len(x), x.shape, weight.shape))


def agree(twins, x, weight, target, caps=CAPS, **how):
    loss, dx, dweight = outputs(x, weight)
    return all(
        twins.agree(product + EVERYTHING, x, weight, target, SCALE, cap, loss, dx, dweight, **how)
        and twins.agree(product + FROZEN, x, weight, target, SCALE, cap, loss, dx, **how)
        and twins.agree(product + LOSS_ALONE, x, weight, target, cap, loss, **how)
        for product in PRODUCTS
        for cap in caps
    )


def run(kernels, x, weight, target, scale=SCALE, cap=0.0):
    """(loss, dx, dweight)"""
    loss, dx, dweight = outputs(x, weight)
    kernels.linear_cross_entropy(x, weight, target, scale, cap, loss, dx, dweight)
    return loss, dx, dweight


def in_float64(x, weight, target, cap=0.0):
    """(scaled sum of losses, dx, dweight), plainly."""
    x, weight = x.astype(np.float64), weight.astype(np.float64)
    logits, slope = x @ weight.T, 1.0
    if cap:
        t = np.tanh(logits / cap)
        logits, slope = cap * t, 1 - t * t
    logits -= logits.max(axis=1, keepdims=True)
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    rows = np.flatnonzero(target >= 0)
    loss = -np.log(p[rows, target[rows]]).sum() * SCALE
    p[rows, target[rows]] -= 1
    p[target < 0] = 0
    p *= slope
    return loss, SCALE * p @ weight, SCALE * p.T @ x


@given(
    R=st.sampled_from((0, 1, 2, 15, 17, 33)),
    V=st.sampled_from((1, 2, 15, 16, 17, 63, 64, 65, 130)),
    D=st.sampled_from((1, 3, 16, 20)),
    offset=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_twin_is_bit_equal_at_every_edge(twins, R, V, D, offset, seed):
    assert agree(twins, *problem(R, V, D, seed), offset=offset)


@pytest.mark.parametrize("R", [511, 512, 513, 1030])
def test_twin_is_bit_equal_around_whole_blocks_of_rows(twins, R):
    assert agree(twins, *problem(R, 70, 5, seed=R))


@pytest.mark.parametrize("size", [1e-30, 1e3, 1e19])
def test_twin_is_bit_equal_for_tiny_and_for_overflowing_logits(twins, size):
    assert agree(twins, *problem(20, 70, 9, seed=1, size=size))


def test_twin_is_bit_equal_at_special_values(twins, specials):
    for value in specials:
        x, weight, target = problem(20, 70, 9, seed=2)
        x[3, 4], weight[60, 2] = value, value
        assert agree(twins, x, weight, target, threads=(1,))


@pytest.mark.parametrize("product", PRODUCTS)
def test_beside_a_frozen_weight_loss_and_gradient_have_the_same_bits(twins, product):
    given, (loss, dx, dweight) = problem(530, 70, 9, seed=15), outputs(np.empty((530, 9)), np.empty((70, 9)))
    for _, kernels in twins.each():
        everything = twins.run(kernels, product + EVERYTHING, *given, SCALE, 2.0, loss, dx, dweight)
        frozen = twins.run(kernels, product + FROZEN, *given, SCALE, 2.0, loss, dx)
        assert all(a.tobytes() == b.tobytes() for a, b in zip(frozen, everything[:-1], strict=True))


def test_a_nan_in_a_counted_row_reaches_its_loss(twins):
    x, weight, target = problem(5, 20, 4, seed=3)
    target[:] = 1
    x[2, 0] = np.nan
    for name, kernels in twins.each():
        assert np.array_equal(np.isnan(run(kernels, x, weight, target)[0]), np.arange(5) == 2), name


def test_rows_that_are_not_counted_give_positive_zeros(twins):
    x, weight, target = problem(20, 70, 9, seed=4)
    target[:] = -1
    for name, kernels in twins.each():
        assert not any(part.view(np.uint32).any() for part in run(kernels, x, weight, target)), name


def test_no_rows_give_a_weight_gradient_of_positive_zeros(twins):
    for name, kernels in twins.each():
        assert not run(kernels, *problem(0, 20, 4, seed=5))[2].view(np.uint32).any(), name


def test_products_by_integers_make_another_loss_near_by():
    x, weight, target = problem(20, 70, 9, seed=13)
    wanted, *_ = run(native(), x, weight, target)
    loss, dx, dweight = outputs(x, weight)
    native().integer_linear_cross_entropy(x, weight, target, SCALE, 0.0, loss, dx, dweight)
    # A logit of nine products of numbers below 5 is off by at most 1.01 * 9 * 25 * 2**-13, and so is the loss, twice.
    assert 0 < abs(loss - wanted).max() < 2 * 1.01 * 9 * 25 * 2**-13


def spread_out(rng):
    """A problem whose logits lie up to 120 apart, on both sides of 60 below the largest."""
    x, weight = np.eye(1, 2, dtype=np.float32).repeat(20, 0), rng.standard_normal((300, 2)).astype(np.float32)
    weight[:, 0] = -np.arange(300) * 0.4
    return x, weight, np.zeros(20, np.int64)


def test_version_2_has_no_term_that_is_subnormal_and_its_losses_are_the_same(twins):
    given = spread_out(np.random.default_rng(14))
    for name, kernels in twins.each():
        loss, dx, dweight = outputs(*given[:2])
        kernels.integer_linear_cross_entropy(*given, 2.0**-20, 0.0, loss, dx, dweight)
        sizes = abs(dweight[:, 0])
        assert (sizes[sizes > 0] >= 2.0**-126).all(), name
        assert (sizes == 0).any(), name
    assert agree(twins, *given)


def test_a_term_that_is_near_and_left_out_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(linear_cross_entropy, "FAR", np.float32(-59))
    assert not agree(twins, *spread_out(np.random.default_rng(14)), caps=(0.0,))


@pytest.mark.parametrize("what", ["x", "weight", "target"])
def test_a_change_of_one_input_is_noticed(what):
    x, weight, target = problem(20, 70, 9, seed=6)
    wanted = run(native(), x, weight, target)
    if what == "target":
        target[7] = (target[7] + 1) % 70
    else:
        changed = {"x": x, "weight": weight}[what]
        changed[7, 3] = np.nextafter(changed[7, 3], np.float32(9))
    assert not all(np.array_equal(a, b) for a, b in zip(run(native(), x, weight, target), wanted, strict=True))


def test_another_block_of_rows_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(matmul, "CHUNK", 256)
    assert not agree(twins, *problem(600, 20, 4, seed=7))


def test_another_sum_over_the_vocabulary_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(linear_cross_entropy, "sum_rows", lambda x_RN: x_RN.sum(axis=1, dtype=np.float32))
    assert not agree(twins, *problem(50, 1000, 4, seed=8))


@pytest.mark.parametrize("cap", CAPS)
def test_loss_and_gradients_are_those_of_float64(cap):
    x, weight, target = problem(40, 90, 12, seed=9)
    loss, dx, dweight = run(native(), x, weight, target, cap=cap)
    exact_loss, exact_dx, exact_dweight = in_float64(x, weight, target, cap)
    # A logit is a sum of 12 terms below 12, off by up to 1e-5; the rest is a few roundings of numbers below 40.
    assert abs(loss.sum(dtype=np.float64) * SCALE - exact_loss) < 40 * 2e-5
    assert abs(dx - exact_dx).max() < 1e-5
    assert abs(dweight - exact_dweight).max() < 1e-5


@pytest.mark.parametrize("cap", CAPS)
def test_float64_gradients_are_central_differences(cap):
    x, weight, target = problem(6, 11, 4, seed=10)
    _, dx, dweight = in_float64(x, weight, target, cap)
    step = 1e-6
    for values, gradient in ((x.astype(np.float64), dx), (weight.astype(np.float64), dweight)):
        for i in np.ndindex(values.shape):
            losses = []
            for sign in (1, -1):
                moved = values.copy()
                moved[i] += sign * step
                pair = (moved, weight) if values.shape == x.shape else (x, moved)
                losses.append(in_float64(*pair, target, cap)[0])
            assert abs((losses[0] - losses[1]) / (2 * step) - gradient[i]) < 1e-8


def test_arguments_that_do_not_fit_are_refused_by_name(twins):
    for _, kernels in twins.each():
        x, weight, target = problem(4, 6, 3, seed=12)
        target[:] = [0, 5, -1, 6]
        with pytest.raises(ValueError, match="target_R: expected -1 or an id below 6, found 6 at 3"):
            run(kernels, x, weight, target)
        target[3] = 0
        with pytest.raises(ValueError, match="scale: expected a number that is exact in binary32"):
            run(kernels, x, weight, target, scale=0.1)
        with pytest.raises(ValueError, match="weight_VD: expected"):
            run(kernels, x, np.ones((6, 4), np.float32), target)
