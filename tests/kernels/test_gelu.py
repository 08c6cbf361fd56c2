"""The activations named after the normal distribution: equal bits, the gradient, and what must be noticed."""

from decimal import Decimal
from math import erf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, elementary, gelu, native
from glasswright.kernels.rounding import PRECISION, nearest_binary32, square_root

ALONE, GATED = ["gelu", "gelu_tanh"], ["geglu", "geglu_tanh"]
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return 3 * np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def by_name(name: str, x: np.ndarray) -> np.ndarray:
    """In binary64, with the error function or the tangent."""
    if name.endswith("_tanh"):
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return x * np.vectorize(lambda value: 0.5 * (1 + erf(value / 2**0.5)))(x)


@pytest.mark.parametrize("name", ALONE)
@given(rows=st.integers(0, 4), width=st.integers(0, 70), seed=st.integers(0, 9), offset=st.integers(0, 3))
def test_twins_are_bit_equal_for_every_size(twins, name, rows, width, seed, offset):
    x, dout = (floats(rows, width, seed=seed + k) for k in range(2))
    assert twins.agree(name, x, np.empty_like(x), offset=offset)
    assert twins.agree(f"{name}_backward", dout, x, np.empty_like(x), offset=offset)


@pytest.mark.parametrize("name", GATED)
@given(rows=st.integers(0, 4), width=st.integers(0, 70), seed=st.integers(0, 9), offset=st.integers(0, 3))
def test_twins_with_a_gate_are_bit_equal_for_every_size(twins, name, rows, width, seed, offset):
    gate, up, dout = (floats(rows, width, seed=seed + k) for k in range(3))
    out = np.empty_like(gate)
    assert twins.agree(name, gate, up, out, offset=offset)
    assert twins.agree(f"{name}_backward", dout, gate, up, out, out, offset=offset)


@pytest.mark.parametrize("name", GATED)
def test_twins_are_bit_equal_on_several_tasks(twins, name):
    gate, up, dout = (floats(100, 257, seed=k) for k in range(3))
    assert twins.agree(name, gate, up, np.empty_like(gate), threads=(1, 2, 3))
    assert twins.agree(f"{name}_backward", dout, gate, up, np.empty_like(gate), np.empty_like(gate), threads=(1, 2, 3))


def test_twins_are_bit_equal_at_special_values(twins, specials):
    gate, up = (x.copy() for x in np.meshgrid(specials, specials))
    out = np.empty_like(gate)
    for name in ALONE:
        assert twins.agree(name, gate, out)
        assert twins.agree(f"{name}_backward", up, gate, out)
    for name in GATED:
        assert twins.agree(name, gate, up, out)
        assert twins.agree(f"{name}_backward", np.roll(up, 5), gate, up, out, out)


@pytest.mark.parametrize(("name", "table"), [("gelu", "ERF"), ("gelu_tanh", "EXP")])
def test_one_ulp_in_one_coefficient_is_noticed(twins, monkeypatch, name, table):
    first, *others = getattr(elementary, table)
    monkeypatch.setattr(elementary, table, (np.nextafter(first, np.float32(9)), *others))
    x, dout = floats(50, 100), floats(50, 100, seed=1)
    assert not twins.agree(name, x, np.empty_like(x))
    assert not twins.agree(f"{name}_backward", dout, x, np.empty_like(x))


def test_the_constants_are_the_exact_ones_rounded_once():
    line = 2 * (2 / PI).sqrt()
    for found, exact in (
        (gelu.SQRT_HALF, square_root(2) / 2),
        (gelu.DENSITY_AT_ZERO, 1 / (2 * PI).sqrt()),
        (gelu.LINE, line),
        (gelu.CUBE, Decimal("0.044715") * line),
        (gelu.THREE_CUBE, 3 * Decimal("0.044715") * line),
    ):
        assert float(found) == nearest_binary32(exact)
    assert len(PI.as_tuple().digits) >= PRECISION


@pytest.mark.parametrize("name", ALONE)
def test_the_result_is_that_of_binary64(name):
    x = floats(500, 9)
    out = np.empty_like(x)
    getattr(native(), name)(x, out)
    # A few roundings of the share, which is below 1, times an x below 16.
    assert np.abs(out - by_name(name, x.astype(np.float64))).max() < 16 * 2.0**-22


@pytest.mark.parametrize(("alone", "gated"), [*zip(ALONE, GATED, strict=True)])
def test_gradients_agree_with_central_differences_in_binary64(alone, gated):
    gate, up, dout = (floats(5, 9, seed=k) for k in range(3))
    dx, dgate, dup = (np.empty_like(gate) for _ in range(3))
    getattr(native(), f"{alone}_backward")(dout, gate, dx)
    getattr(native(), f"{gated}_backward")(dout, gate, up, dgate, dup)
    gate64, step = gate.astype(np.float64), 1e-5
    slope = (by_name(alone, gate64 + step) - by_name(alone, gate64 - step)) / (2 * step)
    assert np.abs(dx - dout * slope).max() < 1e-5  # a few roundings of numbers below 16, and step^2
    assert np.abs(dgate - dout * up * slope).max() < 1e-4
    assert np.abs(dup - dout * by_name(alone, gate64)).max() < 1e-4


def test_gradients_may_be_written_over_what_they_are_computed_from(twins):
    gate, up, dout = (floats(5, 90, seed=k) for k in range(3))
    for _, kernels in twins.each():
        for name in GATED:
            *_, wanted_gate, wanted_up = twins.run(kernels, f"{name}_backward", dout, gate, up, gate, up)
            inputs = [dout.copy(), gate.copy(), up.copy()]
            getattr(kernels, f"{name}_backward")(*inputs, inputs[1], inputs[2])
            assert np.array_equal(inputs[1], wanted_gate)
            assert np.array_equal(inputs[2], wanted_up)


def test_a_wrong_shape_is_refused_by_both_sides():
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="up_RF: expected .*(2, 3).*got .*(3, 2)"):
            kernels.geglu(floats(2, 3), floats(3, 2), floats(2, 3))
