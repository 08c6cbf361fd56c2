"""What no training can have done: honest runs of any setting pass, what is beyond the bounds is refused by place."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.verify.real_run import RealRun, unpack

from glasswright.errors import ClaimFalse
from glasswright.kernels import backends
from glasswright.kernels.muon import A, B, C
from glasswright.model.decoder import Decoder
from glasswright.records.canonical import float_bits, float_from_bits
from glasswright.records.decoder import decoder_of
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import StepRecord
from glasswright.train.optimizer import Optimizer, Rates
from glasswright.train.schedule import schedule_table
from glasswright.train.state import State as TrainingState
from glasswright.verify.bounds import ORTHOGONAL, Bounds, largest_gradient
from glasswright.verify.layout import read_layout
from glasswright.verify.leaps import Leap
from glasswright.verify.leaps import State as CheckpointState

VOCAB_SIZE = 257
State = dict[str, np.ndarray]
Views = dict[str, memoryview]


def recipe(num_steps: int = 10, numerics: int = 1, **optimizer: object) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "r",
            "numerics": numerics,
            "sources": [{"name": "s", "kind": "python-docs"}],
            "tokenizer": {"vocab_size": VOCAB_SIZE},
            "model": {"hidden_size": 4, "num_layers": 1, "num_heads": 2, "num_kv_heads": 1, "intermediate_size": 6},
            "train": {
                "num_steps": num_steps,
                "optimizer": optimizer,
                "schedule": {"warmup_steps": num_steps // 3, "decay_steps": num_steps // 3},
            },
        }
    )


@dataclass
class Run:
    """States and step records of a run whose gradients are made up."""

    recipe: Recipe
    states: list[State]  # after 0, 1, 2, ... steps
    steps: list[StepRecord]

    def check(self, first: int, last: int) -> None:
        gradients = [largest_gradient(step) for step in self.steps[first:last]]
        leap = Leap(self.recipe, VOCAB_SIZE, first, gradients)
        check(self.recipe, leap, (first, views(self.states[first])), (last, views(self.states[last])))


def check(recipe: Recipe, leap: Leap, *states: tuple[int, Views]) -> None:
    """Look at the states before and after, and at the leap between them."""
    for where, (step, numbers) in zip(("before", "after"), states, strict=True):
        require_none(where, {name: CheckpointState(recipe, step).wrong(name, numbers[name]) for name in numbers})
    (_, before), (_, after) = states
    require_none("after", {name: leap.wrong(name, before[name], after[name]) for name in before})


def require_none(where: str, wrong: dict[str, tuple[int, str] | None]) -> None:
    """Raises:  ClaimFalse for the first tensor with which something is wrong."""
    for name, found in wrong.items():
        if found is not None:
            raise ClaimFalse(f"{where}: tensor {name}: index {found[0]}: {found[1]}")


def views(state: State) -> Views:
    return {name: memoryview(values.reshape(-1)) for name, values in state.items()}


def state_of(recipe: Recipe) -> TrainingState:
    model = Decoder(decoder_of(recipe, vocab_size=VOCAB_SIZE, end_of_text=0))
    return Optimizer(recipe.train.optimizer, model.layout).initial_state(dict(model.named_parameters()))


def snapshot(state: TrainingState) -> State:
    return {name: values.copy() for name, values in state.tensors().items()}


Gradients = Callable[[int, tuple[int, ...]], np.ndarray]  # (step, shape) -> a gradient


def run(recipe: Recipe, gradients: Gradients, seed: int = 0) -> Run:
    """Train by the optimizer on gradients that are made up; stops where a norm or a state is not finite."""
    layout = decoder_of(recipe, vocab_size=VOCAB_SIZE, end_of_text=0).parameters()
    optimizer, state = Optimizer(recipe.train.optimizer, layout), state_of(recipe)
    schedule = schedule_table(recipe.train)
    random = np.random.default_rng(seed)
    for name, values in state.tensors().items():
        if name.startswith("model."):
            values[...] = random.normal(size=values.shape).astype(np.float32)
    made = Run(recipe, [snapshot(state)], [])
    for number in range(1, recipe.train.num_steps + 1):
        named = {n: torch.from_numpy(gradients(number, tuple(p.shape))) for n, p in state.parameters.items()}
        norm = optimizer.norm(named)
        if not np.isfinite(norm.norm):
            break
        with backends.following(recipe.numerics):
            for name in state.parameters:
                optimizer.update(name, state=state, gradients=named, clip=norm.clip, rates=Rates.at(schedule, number))
        reached = snapshot(state)
        if not all(np.isfinite(values).all() for values in reached.values()):
            break
        made.states.append(reached)
        made.steps.append(record(number, norm.norm, norm.clip))
    return made


def record(step: int, norm: float, clip: float) -> StepRecord:
    return StepRecord(
        step=step,
        loss_nats=float_bits(1.0),
        gradient_norm=float_bits(norm),
        clip=float_bits(clip),
        num_tokens=1,
        reads="",
        validation_bits_per_byte=None,
    )


def some(seed: int, sizes: list[float], kind: str) -> Gradients:
    """Gradients of a kind, of these sizes in turn."""
    random = np.random.default_rng(seed)
    fixed: dict[tuple[int, ...], np.ndarray] = {}

    def make(step: int, shape: tuple[int, ...]) -> np.ndarray:
        values = random.normal(size=shape)
        if kind == "one direction":
            values = fixed.setdefault(shape, values)
        elif kind == "one element":
            values = np.where(np.arange(values.size).reshape(shape) == step % 3, 1.0, 0.0)
        elif kind == "signs in turn":
            values = np.abs(values) * (-1) ** step
        elif kind == "then nothing":
            values = values * (step <= 2)
        elif kind == "nothing, then one":
            values = values * (step % 7 == 6)
        with np.errstate(all="ignore"):
            return (values * sizes[step % len(sizes)]).astype(np.float32)

    return make


KINDS = ["any", "one direction", "one element", "signs in turn", "then nothing", "nothing, then one"]
BETAS = st.sampled_from(["0", "0.1", "0.5", "0.9", "0.95", "0.999", "0.99999", "0.999999999"]).map(Decimal)
SIZES = st.sampled_from([1.0, 1e-3, 1e-12, 1e-22, 1e-30, 1e-40, 1e6, 1e15])


def decimals(*values: str) -> st.SearchStrategy[Decimal]:
    return st.sampled_from(values).map(Decimal)


@settings(max_examples=150)
@given(
    numerics=st.sampled_from([1, 2]),
    kind=st.sampled_from(["muon", "adamw"]),
    learning_rate=decimals("1e-6", "0.003", "0.1", "3", "100", "1e20"),
    momentum=BETAS,
    beta1=BETAS,
    beta2=BETAS,
    epsilon=decimals("1e-8", "1e-3", "1e-30", "1e-44", "1e-60"),
    weight_decay=decimals("0", "0.1", "1", "30"),
    gradient_clip=decimals("1", "1e-10", "1e-40", "1e-60", "1e10", "1e30"),
    gradients=st.builds(some, st.integers(0, 99), st.lists(SIZES, min_size=1, max_size=3), st.sampled_from(KINDS)),
    leap=st.tuples(st.integers(0, 12), st.integers(1, 12)),
)
def test_an_honest_run_passes_whatever_its_settings(
    numerics: int,
    kind: str,
    learning_rate: Decimal,
    momentum: Decimal,
    beta1: Decimal,
    beta2: Decimal,
    epsilon: Decimal,
    weight_decay: Decimal,
    gradient_clip: Decimal,
    gradients: Gradients,
    leap: tuple[int, int],
) -> None:
    some = recipe(
        num_steps=12,
        numerics=numerics,
        kind=kind,
        learning_rate=learning_rate,
        muon_learning_rate=learning_rate,
        muon_momentum=momentum,
        beta1=beta1,
        beta2=beta2,
        epsilon=epsilon,
        weight_decay=weight_decay,
        gradient_clip=gradient_clip,
    )
    made = run(some, gradients)
    first, last = leap[0], leap[0] + leap[1]
    assume(last < len(made.states))
    made.check(first, last)


@pytest.mark.parametrize("size", [1e-18, 1e-21])
def test_a_second_moment_may_fade_below_the_normal_range(size: float) -> None:
    """From 10^-37 or below, by halves: at the end binary32 rounds by half of what is left."""
    made = run(recipe(num_steps=40, beta2=Decimal("0.5")), some(0, [size], "then nothing"))
    faded = [state["adamw.second_moment.model.norm.weight"].max() for state in made.states]
    assert 0 < faded[2] < 1e-30
    assert faded[-1] == 0
    for first in range(2, 40):
        made.check(first, first + 1)
        made.check(first, 40)


@pytest.mark.parametrize(
    ("size", "others"),
    [
        (1e-22, {"epsilon": "1e-30"}),  # second moments below all that binary32 has, first ones not
        (1e-25, {"gradient_clip": "1e-40"}),  # a norm below all, so that nothing is clipped
        (1e17, {"gradient_clip": "1e-24"}),  # a clip below the normal range
        (1e-3, {"beta2": "0"}),  # nothing of the second moment is left where the gradient is zero
        (1e15, {"gradient_clip": "1e30"}),
    ],
)
@pytest.mark.parametrize("kind", ["any", "one element", "then nothing"])
def test_an_honest_run_passes_where_binary32_ends(size: float, others: dict[str, str], kind: str) -> None:
    made = run(recipe(num_steps=8, **others), some(1, [size], kind))
    assert len(made.states) > 4
    for last in range(1, len(made.states)):
        made.check(0, last)
        made.check(last - 1, last)


def test_zero_stays_zero_whatever_the_decay() -> None:
    made = run(recipe(num_steps=24, learning_rate="1e20", weight_decay="30"), lambda _, shape: np.zeros(shape, "f"), 0)
    nothing = {name: values * 0 for name, values in made.states[0].items()}
    Run(made.recipe, [nothing] * 25, [record(step, 0.0, 1.0) for step in range(1, 25)]).check(0, 24)


def test_the_bounds_of_adamw_are_those_of_the_paper() -> None:
    """At step 1 the update is the gradient's sign. Later it is at most 0.1 / sqrt(0.05) for a first gradient, times
    the root of the sum of 0.9^2k / 0.95^k, and the corrections of that step."""
    bounds = Bounds(recipe(num_steps=1000, weight_decay="0", learning_rate="1"))
    scheduled = schedule_table(bounds.train).rows
    for step, spread in ((1, 1.0), (500, 1 / (1 - 0.81 / 0.95))):
        rate, _, correction1, correction2 = map(float_from_bits, scheduled[step - 1])
        expected = rate * (0.1 / 0.05**0.5) * spread**0.5 * correction2**0.5 / correction1
        found = bounds.adamw_reach(range(step, step + 1), has_decay=True)
        assert found.most(0.0) == pytest.approx(expected, rel=1e-4)
        assert step != 1 or expected == pytest.approx(rate, rel=1e-6)


@pytest.mark.parametrize(("step", "beta1"), [(1, "0.9"), (5, "0")])
def test_without_a_second_moment_of_before_the_update_is_a_sign_while_the_first_has_none_either(
    step: int, beta1: str
) -> None:
    bounds = Bounds(recipe(num_steps=10, beta1=beta1, beta2="0", weight_decay="0"))
    rate = float_from_bits(schedule_table(bounds.train).rows[step - 1][0])
    assert bounds.adamw_reach(range(step, step + 1), has_decay=False).most(0.0) == pytest.approx(rate, rel=1e-4)


def test_where_the_first_moment_outlasts_the_second_epsilon_is_the_bound() -> None:
    bounds = Bounds(recipe(num_steps=300, beta2="0.5", epsilon="0.001", learning_rate="1"))
    rate, _, correction1, _ = map(float_from_bits, schedule_table(bounds.train).rows[199])
    found = bounds.adamw_reach(range(200, 201), has_decay=False)
    assert found.most(0.0) == pytest.approx(rate / correction1 * 1.0 / 0.001, rel=1e-3)  # of gradients up to 1


def test_the_states_of_a_trained_run_pass(real_run: RealRun) -> None:
    for first, last in [(0, 2), (2, 4), (4, 6), (0, 6)]:
        with checkpoint(real_run, first) as before, checkpoint(real_run, last) as after:
            check(real_run.recipe, real_leap(real_run, first, last), (first, before), (last, after))


def test_the_states_of_a_trained_run_in_another_order_do_not(real_run: RealRun) -> None:
    with (
        checkpoint(real_run, 4) as before,
        checkpoint(real_run, 2) as after,
        pytest.raises(ClaimFalse, match="from step 4 to 6"),
    ):
        check(real_run.recipe, real_leap(real_run, 4, 6), (4, before), (2, after))


def real_leap(real: RealRun, first: int, last: int) -> Leap:
    gradients = [largest_gradient(step) for step in real.steps[first:last]]
    return Leap(real.recipe, real.token_map.vocab_size, first, gradients)


@pytest.fixture(scope="module")
def real_run(tmp_path_factory: pytest.TempPathFactory) -> RealRun:
    return unpack(tmp_path_factory.mktemp("real"))


@contextmanager
def checkpoint(real: RealRun, step: int) -> Iterator[Views]:
    path = Path(real.checkpoint(step))
    with path.open("rb") as file:
        layout = read_layout(file, path.stat().st_size, path.name)
        file.seek(0)
        data = memoryview(file.read())
        yield {place.name: data[place.begin : place.end].cast("f") for place in layout.places}


@pytest.fixture(scope="module")
def honest() -> Run:
    """Six steps of a usual recipe; the norm of the gradients is 1 each time, so nothing is clipped."""
    return run(recipe(num_steps=6), unit_gradients())


def unit_gradients() -> Gradients:
    shapes = [tuple(p.shape) for p in state_of(recipe()).parameters.values()]
    num_elements = sum(int(np.prod(shape)) for shape in shapes)
    make = some(3, [1.0], "any")

    def unit(step: int, shape: tuple[int, ...]) -> np.ndarray:
        return np.sign(make(step, shape)) / np.float32(np.sqrt(num_elements))

    return unit


FIRST, SECOND = "adamw.first_moment.model.embed_tokens.weight", "adamw.second_moment.model.embed_tokens.weight"
MOMENTUM = "muon.momentum.model.layers.0.mlp.up_proj.weight"
EMBEDDING, GAIN = "model.model.embed_tokens.weight", "model.model.norm.weight"
MATRIX = "model.model.layers.0.mlp.up_proj.weight"


def changed(honest: Run, step: int, name: str, change: Callable[[np.ndarray], None]) -> Run:
    """The run with one tensor of the state after `step` changed."""
    states = list(honest.states)
    states[step] = {n: values.copy() for n, values in states[step].items()}
    change(states[step][name].reshape(-1))
    return Run(honest.recipe, states, honest.steps)


def put(index: int, value: float) -> Callable[[np.ndarray], None]:
    def change(values: np.ndarray) -> None:
        values[index] = value

    return change


def scale(factor: float) -> Callable[[np.ndarray], None]:
    def change(values: np.ndarray) -> None:
        values *= np.float32(factor)

    return change


def move(index: int, by: float) -> Callable[[np.ndarray], None]:
    def change(values: np.ndarray) -> None:
        values[index] += np.float32(by)

    return change


# AdamW's rate is 0.02 and its update is 1.2 at most; Muon's are 0.01 and 0.2 sqrt(6) 5/4 = 0.61: in two steps.
FORGERIES: dict[str, tuple[str, Callable[[np.ndarray], None], str]] = {
    "weights replaced": (MATRIX, lambda values: values.__imul__(-1), "it comes within"),
    "a weight that is NaN": (EMBEDDING, put(1027, np.nan), "index 1027: nan is not finite"),
    "a weight that is infinite": (GAIN, put(3, np.inf), "index 3: inf is not finite"),
    "a moment that is NaN": (SECOND, put(5, np.nan), "index 5: nan is not finite"),
    "an embedding moved": (EMBEDDING, move(500, 0.5), "index 500: "),
    "a gain moved": (GAIN, move(2, -0.5), "index 2: "),
    "a matrix moved": (MATRIX, move(11, 0.13), "index 11: "),
    "first moments scaled up": (FIRST, scale(30), "it comes within"),
    "second moments scaled down": (SECOND, scale(0.4), "of it is left"),
    "second moments scaled up": (SECOND, scale(900), "it comes within"),
    "a second moment at zero": (SECOND, put(7, 0.0), "index 7: "),
    "a second moment below zero": (SECOND, put(7, -1e-12), "index 7: -9.999999960041972e-13 is negative"),
    "a first moment beyond all": (FIRST, put(9, 1.5), "index 9: 1.5: after 4 steps at most"),
    "a second moment beyond all": (SECOND, put(9, 1.5), "index 9: 1.5: after 4 steps at most"),
    "momentum scaled up": (MOMENTUM, scale(30), "it comes within"),
    "momentum beyond all": (MOMENTUM, put(4, 5.0), "index 4: 5.0: after 4 steps at most"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_state_that_no_training_leads_to_is_refused(honest: Run, name: str) -> None:
    tensor, change, message = FORGERIES[name]
    honest.check(2, 4)
    with pytest.raises(ClaimFalse, match=f"after: tensor {re.escape(tensor)}: .*{re.escape(message)}"):
        changed(honest, 4, tensor, change).check(2, 4)


@pytest.mark.parametrize("tensor", [FIRST, SECOND, MOMENTUM])
def test_moments_start_at_zero(honest: Run, tensor: str) -> None:
    numbers = views(changed(honest, 0, tensor, put(8, 2.0**-149)).states[0])
    found = CheckpointState(honest.recipe, 0).wrong(tensor, numbers[tensor])
    assert found is not None
    assert found[0] == 8
    assert "after 0 steps at most 0" in found[1]


def test_gradients_beyond_the_norms_in_the_transcript_are_seen(honest: Run) -> None:
    """The norms stated are a part of those that there were."""
    steps = [record(step.step, 1 / 128, 1.0) for step in honest.steps]
    with pytest.raises(ClaimFalse, match="moment"):
        Run(honest.recipe, honest.states, steps).check(2, 4)


def test_the_polynomial_of_muon_keeps_singular_values_in_bounds() -> None:
    s = np.linspace(0, ORTHOGONAL[1], 100_001)
    f = float(A) * s + float(B) * s**3 + float(C) * s**5
    assert f.min() >= 0
    assert f.max() < 1.2024 < ORTHOGONAL[1] - 0.047
