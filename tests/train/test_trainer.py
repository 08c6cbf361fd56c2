"""The same bits under variation, and gradients against other arithmetic."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.eager import Decoder, plain_name
from tests.kernels.test_integer_matmul import SABOTAGE
from torch.nn.functional import cross_entropy

from glasswright import kernels
from glasswright.kernels import integer_matmul
from glasswright.model import ops
from glasswright.records.recipe import Recipe
from glasswright.store.tokens import open_tokens
from glasswright.train.effort import Effort
from glasswright.train.objective import NextTokens
from glasswright.train.trainer import NotFinite, Trainer

ONE = Effort(num_threads=1, leaves_at_once=1)


def roots(recipe: Recipe, tokens: Path, effort: Effort = ONE, *, num_steps: int = 3) -> list[str]:
    """The step records and the state root after a few steps."""
    with closing(Trainer(recipe, tokens, effort)) as trainer:
        records = [str(trainer.step(step).record()) for step in range(1, num_steps + 1)]
        return [*records, trainer.state_record(num_steps).root]


@pytest.fixture(params=[1, 2])
def either(recipe: Recipe, request: pytest.FixtureRequest) -> Recipe:
    """The recipe by each version of the numerics."""
    return by_version(recipe, request.param)


def by_version(recipe: Recipe, numerics: int) -> Recipe:
    return Recipe.model_validate({**recipe.resolved(), "numerics": numerics})


@pytest.mark.parametrize("num_threads", [1, 2, 3])
@pytest.mark.parametrize("leaves_at_once", [1, 2, 3])
def test_threads_and_leaves_at_once_do_not_change_a_bit(
    either: Recipe, tokens: Path, num_threads: int, leaves_at_once: int
) -> None:
    effort = Effort(num_threads=num_threads, leaves_at_once=leaves_at_once)
    assert roots(either, tokens, effort) == roots(either, tokens)


def test_recomputing_activations_does_not_change_a_bit(either: Recipe, tokens: Path) -> None:
    effort = Effort(num_threads=1, leaves_at_once=1, recompute=True)
    assert roots(either, tokens, effort) == roots(either, tokens)


@pytest.fixture
def use_isa():
    before = kernels.native().active_isa()
    yield lambda isa: kernels.native(isa)
    kernels.native(before)


@pytest.mark.parametrize("isa", kernels.native().supported_isas())
def test_instruction_sets_do_not_change_a_bit(
    either: Recipe, tokens: Path, isa: str, use_isa: Callable[[str], object]
) -> None:
    expected = roots(either, tokens)
    use_isa(isa)
    assert roots(either, tokens) == expected


@pytest.mark.parametrize("unit", ["vnni", "dotprod", "amx", "emulated_amx"])
def test_products_of_bytes_do_not_change_a_bit(recipe: Recipe, tokens: Path, unit: str) -> None:
    twins = kernels.native()
    if unit not in twins.byte_units():
        pytest.skip(f"did not run: this machine's {twins.active_isa()} has no {unit} beside it")
    found = {}
    for each in ("none", unit):
        twins.use_byte_unit(each)
        found[each] = roots(by_version(recipe, 2), tokens, num_steps=2)
    twins.use_byte_unit(None)
    assert found[unit] == found["none"]


def test_another_version_of_the_numerics_is_another_run(recipe: Recipe, tokens: Path) -> None:
    assert roots(by_version(recipe, 2), tokens, num_steps=1) != roots(recipe, tokens, num_steps=1)


def test_the_definitions_train_to_the_bits_of_the_twins(
    either: Recipe, tokens: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = roots(either, tokens, num_steps=1)
    monkeypatch.setenv("GLASSWRIGHT_KERNELS", "definition")
    assert roots(either, tokens, num_steps=1) == expected


@pytest.mark.parametrize("what", SABOTAGE)
def test_in_products_by_integers_this_is_seen(
    recipe: Recipe, tokens: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    expected = roots(by_version(recipe, 2), tokens, num_steps=1)
    monkeypatch.setenv("GLASSWRIGHT_KERNELS", "definition")
    monkeypatch.setattr(integer_matmul, *SABOTAGE[what])
    assert roots(by_version(recipe, 2), tokens, num_steps=1) != expected


def test_another_leaf_size_is_another_sum(recipe: Recipe, tokens: Path) -> None:
    """The sabotage of the tests above: what the recipe fixes must be seen to matter."""
    other = recipe.model_copy(update={"train": recipe.train.model_copy(update={"leaf_sequences": 3})})
    assert roots(other, tokens) != roots(recipe, tokens)


def test_one_unit_in_the_last_place_of_one_weight_is_seen(recipe: Recipe, tokens: Path) -> None:
    with closing(Trainer(recipe, tokens, ONE)) as trainer:
        before = trainer.state_record(0)
        gain_D = trainer.tensors()["model.model.norm.weight"]
        gain_D[3] = np.nextafter(gain_D[3], np.float32(2))
        after = trainer.state_record(0)
    assert [b.name for b, a in zip(before.tensors, after.tensors, strict=True) if b != a] == ["model.model.norm.weight"]
    assert before.root != after.root


def test_a_reordered_gradient_tree_is_seen(recipe: Recipe, tokens: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = roots(recipe, tokens)
    honest = NextTokens.leaf
    monkeypatch.setattr(NextTokens, "leaf", lambda self, step, index: honest(self, step, (index + 1) % 3))
    assert roots(recipe, tokens)[-1] != expected[-1]


def test_a_loss_that_is_not_finite_stops_the_run(recipe: Recipe, tokens: Path) -> None:
    with closing(Trainer(recipe, tokens, ONE)) as trainer:
        trainer.tensors()["model.model.norm.weight"][0] = np.inf
        with pytest.raises(NotFinite, match="step 1: the loss is not finite"):
            trainer.step(1)


def with_values_of(size: float, trainer: Trainer) -> Trainer:
    """Values of attention as large as `size`. Their projection is zero at first, so they do not reach the loss,
    but they are a factor of the projection's gradient, and the last norm's gain is another.
    """
    trainer.tensors()["model.model.norm.weight"][:] = 1e4
    trainer.tensors()["model.model.layers.1.self_attn.v_proj.weight"][:] = size
    return trainer


@pytest.mark.parametrize("leaves_at_once", [1, 2])
def test_a_gradient_that_is_not_finite_stops_the_run_with_its_name(
    recipe: Recipe, tokens: Path, leaves_at_once: int
) -> None:
    effort = Effort(num_threads=1, leaves_at_once=leaves_at_once)
    with closing(with_values_of(2e37, Trainer(recipe, tokens, effort))) as trainer:
        before = trainer.state_record(0)
        gradient = r"the gradient of model.layers.1.self_attn.o_proj.weight"
        with pytest.raises(NotFinite, match=f"^step 1: {gradient} is not finite$") as failure:
            trainer.step(1)
        assert failure.value.step == 1
        assert trainer.state_record(0) == before  # nothing was moved by it


def test_a_norm_that_overflows_stops_the_run_though_each_element_is_finite(recipe: Recipe, tokens: Path) -> None:
    each_finite = r"step 1: the gradient norm \(each element is finite\) is not finite"
    with (
        closing(with_values_of(1e24, Trainer(recipe, tokens, ONE))) as trainer,
        pytest.raises(NotFinite, match=each_finite),
    ):
        trainer.step(1)


def test_large_gradients_that_are_finite_are_trained_on(recipe: Recipe, tokens: Path) -> None:
    """The twin of the two above: the same state with smaller values."""
    with closing(with_values_of(1e9, Trainer(recipe, tokens, ONE))) as trainer:
        trainer.step(1)


def test_gradients_agree_with_central_differences_in_binary64(recipe: Recipe, tokens: Path) -> None:
    """The directional derivative, along a random direction per parameter, of the plain torch decoder in float64."""
    with closing(Trainer(recipe, tokens, ONE)) as trainer:
        _move_from_zero(trainer)
        sequences = trainer.sequences(1)[:2]
        leaf = trainer.objective.leaf(1, 0)
        reader = open_tokens(tokens)
        token_ST1 = torch.from_numpy(np.stack([reader.read_spans(spans) for spans in sequences]))
        reference = Decoder(recipe, trainer.model.config.vocab_size).double()
        named = {plain_name(name): parameter for name, parameter in trainer.state.parameters.items()}
        found = {name: p for name, p in reference.named_parameters() if name != "head.weight"}
        assert found.keys() == named.keys()

        def loss() -> float:
            losses = cross_entropy(
                reference(token_ST1[:, :-1]).flatten(0, 1), token_ST1[:, 1:].flatten(), reduction="sum"
            )
            return float(losses) * trainer.objective.scale(1)

        with torch.no_grad():
            for name, parameter in found.items():
                parameter.copy_(named[name])
            for (name, parameter), gradient in zip(((n, found[n]) for n in named), leaf.gradients, strict=True):
                direction = torch.randn(gradient.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
                step = 1e-5
                parameter += step * direction
                up = loss()
                parameter -= 2 * step * direction
                down = loss()
                parameter += step * direction
                numeric, exact = (up - down) / (2 * step), float((gradient.double() * direction).sum())
                # Binary32 makes some hundred roundings of relative 2^-24 on terms of the gradient's own size; the
                # difference quotient adds terms of step^2 and 2^-53 / step, both far below.
                bound = 2e-5 * float(gradient.double().norm() * direction.norm())
                assert abs(numeric - exact) <= bound, name


def _move_from_zero(trainer: Trainer) -> None:
    """Matrices that start at zero hide other gradients: give them values."""
    for name, parameter in trainer.state.parameters.items():
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            ops.uniform_(parameter, seed=9, purpose=len(name), half_width=0.25)
