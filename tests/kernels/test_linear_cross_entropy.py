"""The last layer with its loss: twin and definition agree in every bit, and the gradients are gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glasswright.kernels import definitions, native

ISAS = native().supported_isas()


@pytest.fixture(autouse=True)
def _restore_kernels():
    yield
    native().set_num_threads(1)
    native(ISAS[-1])


def bits(x):
    """Bit patterns, every NaN as one."""
    return np.where(np.isnan(x), np.uint32(0x7FC00000), x.view(np.uint32))


def problem(R, V, D, seed, spread=1.0):
    rng = np.random.default_rng(seed)
    x = (rng.standard_normal((R, D)) * spread).astype(np.float32)
    weight = rng.standard_normal((V, D)).astype(np.float32)
    return x, weight, rng.integers(-1, V, R)


def run(kernels, x, weight, target, scale=0.125):
    """(loss, dx, dweight)"""
    loss, dx, dweight = np.full(len(x), np.nan, np.float32), np.full_like(x, np.nan), np.full_like(weight, np.nan)
    kernels.linear_cross_entropy(x, weight, target, scale, loss, dx, dweight)
    return loss, dx, dweight


def assert_twin_agrees(x, weight, target, threads=1):
    wanted = run(definitions(), x, weight, target)
    for isa in ISAS:
        twin = native(isa)
        twin.set_num_threads(threads)
        for name, got, expected in zip(("loss", "dx", "dweight"), run(twin, x, weight, target), wanted, strict=True):
            assert np.array_equal(bits(got), bits(expected)), (isa, name)
        loss = np.full(len(x), np.nan, np.float32)
        twin.linear_cross_entropy_loss(x, weight, target, loss)
        assert np.array_equal(bits(loss), bits(wanted[0])), isa


def in_float64(x, weight, target, scale):
    """(scaled sum of losses, dx, dweight), plainly."""
    x, weight = x.astype(np.float64), weight.astype(np.float64)
    logits = x @ weight.T
    logits -= logits.max(axis=1, keepdims=True)
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    rows = np.flatnonzero(target >= 0)
    loss = -np.log(p[rows, target[rows]]).sum() * scale
    p[rows, target[rows]] -= 1
    p[target < 0] = 0
    return loss, scale * p @ weight, scale * p.T @ x


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    R=st.sampled_from((0, 1, 2, 15, 17, 33)),
    V=st.sampled_from((1, 2, 15, 16, 17, 63, 64, 65, 130)),
    D=st.sampled_from((1, 3, 16, 20)),
    threads=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_twin_is_bit_equal_at_every_edge(R, V, D, threads, seed):
    assert_twin_agrees(*problem(R, V, D, seed), threads)


@pytest.mark.parametrize("R", [511, 512, 513, 1030])
def test_twin_is_bit_equal_around_whole_blocks_of_rows(R):
    assert_twin_agrees(*problem(R, 70, 5, seed=R), threads=2)


@pytest.mark.parametrize("spread", [1e-30, 1e3, 1e19])
def test_twin_is_bit_equal_for_tiny_and_for_overflowing_logits(spread):
    assert_twin_agrees(*problem(20, 70, 9, seed=1, spread=spread))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.0, 1e-45])
def test_twin_is_bit_equal_for_special_values(value):
    x, weight, target = problem(20, 70, 9, seed=2)
    x[3, 4] = value
    weight[60] = value
    assert_twin_agrees(x, weight, target)


def test_a_nan_in_a_counted_row_reaches_its_loss():
    x, weight, target = problem(5, 20, 4, seed=3)
    target[:] = 1
    x[2, 0] = np.nan
    for kernels in [definitions(), *map(native, ISAS)]:
        assert np.array_equal(np.isnan(run(kernels, x, weight, target)[0]), np.arange(5) == 2)


def test_rows_that_are_not_counted_give_positive_zeros():
    x, weight, target = problem(20, 70, 9, seed=4)
    target[:] = -1
    for kernels in [definitions(), *map(native, ISAS)]:
        assert not any(part.view(np.uint32).any() for part in run(kernels, x, weight, target))


def test_no_rows_give_a_weight_gradient_of_positive_zeros():
    for kernels in [definitions(), *map(native, ISAS)]:
        assert not run(kernels, *problem(0, 20, 4, seed=5))[2].view(np.uint32).any()


@pytest.mark.parametrize("what", ["x", "weight", "target"])
def test_a_change_of_one_input_is_noticed(what):
    x, weight, target = problem(20, 70, 9, seed=6)
    wanted = run(definitions(), x, weight, target)
    if what == "target":
        target[7] = (target[7] + 1) % 70
    else:
        changed = {"x": x, "weight": weight}[what]
        changed[7, 3] = np.nextafter(changed[7, 3], np.float32(9))
    for isa in ISAS:
        got = run(native(isa), x, weight, target)
        assert not all(np.array_equal(bits(a), bits(b)) for a, b in zip(got, wanted, strict=True)), isa


def test_another_block_of_rows_is_noticed(monkeypatch):
    x, weight, target = problem(600, 20, 4, seed=7)
    monkeypatch.setattr("glasswright.kernels.matmul.CHUNK", 256)
    wanted = run(definitions(), x, weight, target)
    for isa in ISAS:
        assert not np.array_equal(bits(run(native(isa), x, weight, target)[2]), bits(wanted[2])), isa


def test_loss_and_gradients_are_those_of_float64():
    x, weight, target = problem(40, 90, 12, seed=8)
    loss, dx, dweight = run(native(), x, weight, target)
    exact_loss, exact_dx, exact_dweight = in_float64(x, weight, target, 0.125)
    # A logit is a sum of 12 terms below 12, off by up to 1e-5; the rest is a few roundings of numbers below 40.
    assert abs(loss.sum(dtype=np.float64) * 0.125 - exact_loss) < 40 * 2e-5
    assert abs(dx - exact_dx).max() < 1e-5
    assert abs(dweight - exact_dweight).max() < 1e-5


def test_float64_gradients_are_central_differences():
    x, weight, target = problem(6, 11, 4, seed=9)
    _, dx, dweight = in_float64(x, weight, target, 0.125)
    step = 1e-6
    for values, gradient in ((x.astype(np.float64), dx), (weight.astype(np.float64), dweight)):
        for i in np.ndindex(values.shape):
            losses = []
            for sign in (1, -1):
                moved = values.copy()
                moved[i] += sign * step
                pair = (moved, weight) if values.shape == x.shape else (x, moved)
                losses.append(in_float64(*pair, target, 0.125)[0])
            assert abs((losses[0] - losses[1]) / (2 * step) - gradient[i]) < 1e-8


@pytest.mark.parametrize("kernels", ["definition", "twin"])
def test_arguments_that_do_not_fit_are_refused_by_name(kernels):
    chosen = definitions() if kernels == "definition" else native()
    x, weight, target = problem(4, 6, 3, seed=10)
    target[:] = [0, 5, -1, 6]
    with pytest.raises(ValueError, match="target_R: expected -1 or an id below 6, found 6 at 3"):
        run(chosen, x, weight, target)
    target[3] = 0
    with pytest.raises(ValueError, match="scale: expected a number that is exact in binary32"):
        run(chosen, x, weight, target, scale=0.1)
    with pytest.raises(ValueError, match="weight_VD: expected"):
        run(chosen, x, np.ones((6, 4), np.float32), target)
