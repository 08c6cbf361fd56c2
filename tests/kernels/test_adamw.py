"""One AdamW step: equal bits, the textbook's answer, and what must be noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, native


def exact(value: float) -> float:
    return float(np.float32(value))


SCALARS = {
    "clip": exact(0.7), "learning_rate": exact(3e-3), "beta1": exact(0.9), "beta2": exact(0.95),
    "epsilon": exact(1e-8), "weight_decay": exact(0.1),
    "bias_correction1": exact(1 - 0.9**3), "bias_correction2": exact(1 - 0.95**3),
}  # fmt: skip


def state(*shape: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng([seed, *shape])
    param, grad, first, second = (rng.standard_normal(shape).astype(np.float32) for _ in range(4))
    return [param, grad, first, second * second]


@given(size=st.integers(0, 70), seed=st.integers(0, 9), offset=st.integers(0, 3))
def test_twin_is_bit_equal_for_every_size(twins, size, seed, offset):
    assert twins.agree("adamw", *state(size, seed=seed), *SCALARS.values(), offset=offset)


def test_twin_is_bit_equal_on_several_tasks_and_for_any_shape(twins):
    assert twins.agree("adamw", *state(50, 3, 211), *SCALARS.values(), threads=(1, 2, 3))


def test_twin_is_bit_equal_at_special_values(twins, specials):
    arrays = np.meshgrid(specials, specials, specials)
    param, grad, moment = (a.copy() for a in arrays)
    assert twins.agree("adamw", param, grad, moment, np.roll(moment, 7), *SCALARS.values())


@pytest.mark.parametrize("name", SCALARS)
def test_a_change_in_the_last_bits_of_any_scalar_is_noticed(twins, name):
    arrays = state(5000)
    for k, scale in ((1, 1e-8), (2, 1e-8), (3, 1e-16)):  # so that epsilon counts
        arrays[k] *= np.float32(scale)
    wanted = twins.run(twins.definitions, "adamw", *arrays, *SCALARS.values())
    # Weight decay is multiplied by the learning rate, so only its upper bits reach the result.
    moved = {**SCALARS, name: exact(SCALARS[name] * (1 + (2.0**-10 if name == "weight_decay" else 2.0**-21)))}
    for isa in twins.isas:
        found = twins.run(native(isa), "adamw", *arrays, *moved.values())
        assert any(not np.array_equal(a, b) for a, b in zip(found, wanted, strict=True))


def test_one_step_is_the_textbooks_step():
    param, grad, first, second = (a.astype(np.float64) for a in state(300))
    s = SCALARS
    g = grad * s["clip"]
    new_first = s["beta1"] * first + (1 - s["beta1"]) * g
    new_second = s["beta2"] * second + (1 - s["beta2"]) * g * g
    corrected = new_first / s["bias_correction1"], new_second / s["bias_correction2"]
    decayed = param - s["learning_rate"] * s["weight_decay"] * param
    wanted = decayed - s["learning_rate"] * corrected[0] / (np.sqrt(corrected[1]) + s["epsilon"])
    found = state(300)
    native().adamw(*found, *SCALARS.values())
    for array, expected in zip((found[0], found[2], found[3]), (wanted, new_first, new_second), strict=True):
        assert np.abs(array - expected).max() < 2e-6  # ten roundings of numbers below 4


def test_a_scalar_that_binary32_cannot_hold_is_refused_by_both_sides():
    scalars = {**SCALARS, "learning_rate": 3e-3}
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="learning_rate: expected a number that is exact in binary32"):
            kernels.adamw(*state(3), *scalars.values())
