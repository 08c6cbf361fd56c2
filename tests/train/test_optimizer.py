"""Which rule moves which parameter, held to what was published and not to this code."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch

from glasswright.records.decoder import Parameter, Role
from glasswright.records.recipe import Optimizer as OptimizerRecipe
from glasswright.records.recipe import Recipe, Train
from glasswright.records.recipe import Schedule as ScheduleRecipe
from glasswright.train.effort import Effort
from glasswright.train.optimizer import Optimizer, Rates
from glasswright.train.schedule import schedule_table
from glasswright.train.trainer import Trainer

NUM_STEPS = 5
MATRICES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def moments(recipe: Recipe, tokens: Path, **changes: object) -> set[str]:
    """The names of the moments that a run holds, beside its model's parameters."""
    resolved = recipe.resolved()
    optimizer = {**resolved["train"]["optimizer"], **changes}
    other = Recipe.model_validate(
        {
            **resolved,
            "model": {**resolved["model"], "tied_embeddings": False},
            "train": {**resolved["train"], "optimizer": optimizer},
        }
    )
    with closing(Trainer(other, tokens, Effort(num_threads=1, leaves_at_once=1))) as trainer:
        return {name for name in trainer.tensors() if not name.startswith("model.")}


def layers() -> Iterator[tuple[str, bool]]:
    """The names of the layers' parameters, and whether each is a matrix."""
    for layer in range(2):
        for name in MATRICES:
            part = "self_attn" if name in MATRICES[:4] else "mlp"
            yield f"model.layers.{layer}.{part}.{name}.weight", True
        for name in ("input_layernorm", "post_attention_layernorm"):
            yield f"model.layers.{layer}.{name}.weight", False


OTHERS = ("model.embed_tokens.weight", "model.norm.weight", "lm_head.weight")


def test_muon_moves_the_matrices_of_the_layers_and_adamw_the_rest(recipe: Recipe, tokens: Path) -> None:
    """Jordan et al. 2024: for the hidden layers' matrices, not for embedding, head and vectors."""
    by_muon = {name for name, is_matrix in layers() if is_matrix}
    by_adamw = {name for name, is_matrix in layers() if not is_matrix} | set(OTHERS)
    assert moments(recipe, tokens, kind="muon") == {
        *(f"muon.momentum.{name}" for name in by_muon),
        *(f"adamw.{moment}_moment.{name}" for name in by_adamw for moment in ("first", "second")),
    }


def test_with_adamw_every_parameter_is_adamw_s(recipe: Recipe, tokens: Path) -> None:
    everything = {name for name, _ in layers()} | set(OTHERS)
    assert moments(recipe, tokens, kind="adamw") == {
        f"adamw.{moment}_moment.{name}" for name in everything for moment in ("first", "second")
    }


SHAPES = {"model.layers.0.mlp.up_proj.weight": (12, 8), "model.norm.weight": (8,), "lm_head.weight": (20, 8)}
ROLES: dict[str, Role] = dict(zip(SHAPES, ("matrix", "gain", "head"), strict=True))
LAYOUT = [Parameter(name, SHAPES[name], role, slot="") for name, role in ROLES.items()]
RECIPE = OptimizerRecipe.model_validate({"kind": "adamw", "learning_rate": "0.01", "weight_decay": "0.1"})


def gradients(step: int) -> dict[str, torch.Tensor]:
    rng = np.random.default_rng(step)
    return {name: torch.from_numpy(rng.standard_normal(shape).astype(np.float32)) for name, shape in SHAPES.items()}


def ours() -> dict[str, torch.Tensor]:
    """The parameters after some steps of the optimizer, without clipping, at one learning rate."""
    optimizer = Optimizer(RECIPE, LAYOUT)
    state = optimizer.initial_state(gradients(0))
    table = schedule_table(
        Train(num_steps=NUM_STEPS, optimizer=RECIPE, schedule=ScheduleRecipe(warmup_steps=0, decay_steps=0))
    )
    for step in range(1, NUM_STEPS + 1):
        for name in SHAPES:
            rates = Rates.at(table, step)
            optimizer.update(name, state=state, gradients=gradients(step), clip=1.0, rates=rates)
    return dict(state.parameters)


def published(*, decayed: set[str]) -> dict[str, torch.Tensor]:
    """The same by torch's AdamW in binary64, with weight decay on some of the parameters."""
    parameters = {name: value.double() for name, value in gradients(0).items()}
    groups = [
        {"params": [value], "weight_decay": 0.1 if name in decayed else 0.0} for name, value in parameters.items()
    ]
    betas = (float(RECIPE.beta1), float(RECIPE.beta2))
    optimizer = torch.optim.AdamW(groups, lr=0.01, betas=betas, eps=float(RECIPE.epsilon))
    for step in range(1, NUM_STEPS + 1):
        for name, gradient in gradients(step).items():
            parameters[name].grad = gradient.double()
        optimizer.step()
    return parameters


MATRIX_NAMES = {"model.layers.0.mlp.up_proj.weight", "lm_head.weight"}


@pytest.mark.parametrize("name", SHAPES)
def test_adamw_is_the_published_rule_with_weight_decay_on_matrices_only(name: str) -> None:
    # Each of the 5 steps rounds some ten times, relative 2^-24, on an update of at most about 0.05 and a parameter of
    # at most about 4: 5 * 10 * 2^-24 * 4 = 1.2e-5.
    assert (ours()[name].double() - published(decayed=MATRIX_NAMES)[name]).abs().max() < 1.2e-5


@pytest.mark.parametrize("name", SHAPES)
def test_decay_on_another_set_of_parameters_is_seen(name: str) -> None:
    """The sabotage: 5 * 0.01 * 0.1 of a parameter is 0.5 % of it."""
    other = published(decayed=set(SHAPES) - MATRIX_NAMES)
    assert (ours()[name].double() - other[name]).abs().max() > 1e-3
