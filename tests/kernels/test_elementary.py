"""exp, log, sin, cos, sigmoid, tanh, erf: equal bits everywhere, near the exact value, right at the edges.

All 2^32 inputs are tried by benchmarks/ulp; here a sample of them, and a larger one when slow tests run.
"""

import math

import numpy as np
import pytest

from glasswright.kernels import definitions, elementary, native

NAMES = elementary.KERNELS
# The figures of docs/numerics.md, over all 2^32 inputs, rounded up.
MAX_ULP = {"exp": 0.80, "log": 0.87, "sin": 0.83, "cos": 0.84, "sigmoid": 0.80, "tanh": 0.78, "erf": 0.82}
EXACT = {
    "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh,
    "erf": lambda x: np.array([math.erf(value) for value in x]),
}  # fmt: skip


def sample(num_each: int) -> np.ndarray:
    """Inputs of every size and sign, and more where the functions bend."""
    rng = np.random.default_rng(7)
    anything = rng.integers(0, 1 << 32, num_each, dtype=np.uint64).astype(np.uint32).view(np.float32)
    return np.concatenate([
        anything,
        rng.uniform(-110, 110, num_each).astype(np.float32),
        rng.standard_normal(num_each).astype(np.float32),
        rng.uniform(0, 1 << 20, num_each).astype(np.float32),
    ])  # fmt: skip


def apply(kernels, name: str, x: np.ndarray) -> np.ndarray:
    out = np.empty_like(x)
    getattr(kernels, name)(x, out)
    return out


@pytest.mark.parametrize("name", NAMES)
def test_twin_is_bit_equal_on_a_sample_of_all_inputs(twins, name):
    x = sample(20_000)
    assert twins.agree(name, x, np.empty_like(x))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_twin_is_bit_equal_on_every_4096th_input(twins, name):
    x = np.arange(0, 1 << 32, 4093, dtype=np.uint64).astype(np.uint32).view(np.float32)
    assert twins.agree(name, x, np.empty_like(x))


@pytest.mark.parametrize("name", NAMES)
def test_twin_is_bit_equal_at_special_values_and_every_tail(twins, specials, name):
    for size in range(34):
        for offset in (0, 1):
            x = np.resize(specials, size)
            assert twins.agree(name, x, np.full_like(x, 7), threads=(1,), offset=offset)


@pytest.mark.parametrize("name", NAMES)
def test_a_few_ulp_in_one_input_are_noticed(twins, name):
    x = np.linspace(0.3, 0.7, 37, dtype=np.float32)
    moved = x.copy()
    moved[36] += np.float32(2.0**-20)  # the slopes there are at least 1/5
    wanted = apply(twins.definitions, name, x)
    for isa in twins.isas:
        assert not np.array_equal(apply(native(isa), name, moved), wanted)


@pytest.mark.parametrize("name", NAMES)
def test_one_ulp_in_one_coefficient_is_noticed(twins, monkeypatch, name):
    table = {"sigmoid": "EXP"}.get(name, name.upper())
    first, *others = getattr(elementary, table)
    monkeypatch.setattr(elementary, table, (np.nextafter(first, np.float32(9)), *others))
    x = sample(20_000)
    assert not twins.agree(name, x, np.empty_like(x), threads=(1,))


@pytest.mark.parametrize("name", NAMES)
def test_error_stays_within_the_documented_bound(name):
    x = sample(100_000)
    with np.errstate(all="ignore"):
        exact = EXACT[name](x.astype(np.float64))
        is_finite = np.isfinite(exact.astype(np.float32))
        unit = np.ldexp(1.0, np.maximum(np.frexp(exact)[1] - 1, -126) - 23)  # binary32 neighbours at the exact value
        error = np.abs(apply(native(), name, x).astype(np.float64) - exact) / unit
    assert np.max(error[is_finite]) <= MAX_ULP[name]


@pytest.mark.parametrize("name", NAMES)
def test_not_a_number_where_the_exact_value_is_none_and_infinite_where_it_is(specials, name):
    x = np.concatenate([specials, sample(20_000)])
    with np.errstate(all="ignore"):
        exact = EXACT[name](x.astype(np.float64)).astype(np.float32)
    found = apply(native(), name, x)
    assert np.array_equal(np.isnan(found), np.isnan(exact))
    assert np.array_equal(np.where(np.isinf(found), found, 0), np.where(np.isinf(exact), exact, 0))


@pytest.mark.parametrize("name", ["sin", "tanh", "erf"])
def test_odd_functions_keep_the_sign_of_zero(twins, name):
    for _, kernels in twins.each():
        assert np.array_equal(np.signbit(apply(kernels, name, np.array([0.0, -0.0], np.float32))), [False, True])


def test_sigmoid_and_tanh_stay_in_their_range():
    x = sample(20_000)
    x = x[~np.isnan(x)]
    assert ((apply(native(), "sigmoid", x) >= 0) & (apply(native(), "sigmoid", x) <= 1)).all()
    assert (np.abs(apply(native(), "tanh", x)) <= 1).all()


def test_the_result_may_be_written_over_the_input(twins):
    for _, kernels in twins.each():
        x = sample(100)
        wanted = apply(kernels, "exp", x)
        kernels.exp(x, x)
        assert np.array_equal(x, wanted, equal_nan=True)


def test_a_wrong_size_is_refused_by_both_sides():
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="out_N: expected"):
            kernels.exp(np.zeros(3, np.float32), np.zeros(4, np.float32))
