"""The gated activation: equal bits, the gradient, and what must be noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, elementary, native


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


@given(rows=st.integers(0, 4), width=st.integers(0, 70), seed=st.integers(0, 9), offset=st.integers(0, 3))
def test_twins_are_bit_equal_for_every_size(twins, rows, width, seed, offset):
    gate, up, dout = (3 * floats(rows, width, seed=seed + k) for k in range(3))
    out = np.empty_like(gate)
    assert twins.agree("swiglu", gate, up, out, offset=offset)
    assert twins.agree("swiglu_backward", dout, gate, up, out, out, offset=offset)


def test_twins_are_bit_equal_on_several_tasks(twins):
    gate, up, dout = (floats(100, 257, seed=k) for k in range(3))
    assert twins.agree("swiglu", gate, up, np.empty_like(gate), threads=(1, 2, 3))
    assert twins.agree("swiglu_backward", dout, gate, up, np.empty_like(gate), np.empty_like(gate), threads=(1, 2, 3))


def test_twins_are_bit_equal_at_special_values(twins, specials):
    gate, up = np.meshgrid(specials, specials)
    gate, up, out = gate.copy(), up.copy(), np.empty_like(gate)
    assert twins.agree("swiglu", gate, up, out)
    assert twins.agree("swiglu_backward", np.roll(up, 5), gate, up, out, out)


def test_one_ulp_in_one_coefficient_is_noticed(twins, monkeypatch):
    first, *others = elementary.EXP
    monkeypatch.setattr(elementary, "EXP", (np.nextafter(first, np.float32(9)), *others))
    gate, up = floats(50, 100), floats(50, 100, seed=1)
    assert not twins.agree("swiglu", gate, up, np.empty_like(gate))
    assert not twins.agree("swiglu_backward", up, gate, up, np.empty_like(gate), np.empty_like(gate))


def test_gradients_agree_with_central_differences_in_binary64():
    gate, up, dout = (floats(5, 9, seed=k) for k in range(3))
    dgate, dup = np.empty_like(gate), np.empty_like(gate)
    native().swiglu_backward(dout, gate, up, dgate, dup)

    def out(gate: np.ndarray, up: np.ndarray) -> np.ndarray:
        return gate / (1 + np.exp(-gate)) * up

    gate64, up64, step = gate.astype(np.float64), up.astype(np.float64), 1e-6
    by_gate = dout * (out(gate64 + step, up64) - out(gate64 - step, up64)) / (2 * step)
    by_up = dout * (out(gate64, up64 + step) - out(gate64, up64 - step)) / (2 * step)
    assert np.abs(dgate - by_gate).max() < 1e-5  # a few roundings of numbers near 1, and step^2
    assert np.abs(dup - by_up).max() < 1e-5


def test_gradients_may_be_written_over_what_they_are_computed_from(twins):
    gate, up, dout = (floats(5, 90, seed=k) for k in range(3))
    for _, kernels in twins.each():
        *_, wanted_gate, wanted_up = twins.run(kernels, "swiglu_backward", dout, gate, up, gate, up)
        inputs = [dout.copy(), gate.copy(), up.copy()]
        kernels.swiglu_backward(*inputs, inputs[1], inputs[2])
        assert np.array_equal(inputs[1], wanted_gate)
        assert np.array_equal(inputs[2], wanted_up)


def test_a_wrong_shape_is_refused_by_both_sides():
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="up_RF: expected .*(2, 3).*got .*(3, 2)"):
            kernels.swiglu(floats(2, 3), floats(3, 2), floats(2, 3))
