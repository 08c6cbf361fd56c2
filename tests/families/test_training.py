"""Every family is trained to one root, whatever computes it and in how many pieces, with the guard on."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.families.cases import CASES
from tests.train.conftest import VOCAB_SIZE

from glasswright import kernels
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort
from glasswright.train.trainer import Trainer

STEPS = 4


def recipe(name: str, **train: object) -> Recipe:
    return Recipe.model_validate(
        {
            "name": name,
            "seed": 5,
            "sources": [{"name": "none", "kind": "python-docs"}],
            "tokenizer": {"vocab_size": VOCAB_SIZE},
            "model": CASES[name].recipe,
            "train": {
                "num_steps": 10,
                "sequence_length": 12,
                "batch_sequences": 6,
                "leaf_sequences": 2,
                "segment_steps": 5,
                "schedule": {"warmup_steps": 2, "decay_steps": 3},
                **train,
            },
        }
    )


def root(some: Recipe, tokens: Path, effort: Effort) -> str:
    with closing(Trainer(some, tokens, effort)) as trainer:
        for step in range(1, STEPS + 1):
            trainer.step(step)
        return trainer.state_record(STEPS).root


@pytest.fixture(params=sorted(CASES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_root_is_one_over_threads_instruction_sets_and_leaves_at_a_time(name: str, tokens: Path) -> None:
    some, before = recipe(name), kernels.native().active_isa()
    efforts = [Effort(num_threads=n, leaves_at_once=m) for n, m in ((1, 1), (2, 1), (3, 3))]
    efforts.append(Effort(num_threads=2, leaves_at_once=2, recompute=True))
    try:
        found = {root(some, tokens, effort) for effort in efforts}
        for isa in kernels.native().supported_isas():
            kernels.native(isa)
            found.add(root(some, tokens, efforts[0]))
    finally:
        kernels.native(before)
    assert len(found) == 1


def test_the_golden_root_of_a_few_steps(name: str, tokens: Path, golden: Callable[[str, str], None]) -> None:
    """Initial values, who moves which parameter, what decays: no other test is against anything but itself."""
    golden(f"{name} after {STEPS} steps", root(recipe(name), tokens, Effort(num_threads=2, leaves_at_once=1)))


def test_another_grouping_of_the_batch_is_another_root(name: str, tokens: Path) -> None:
    """The sabotage: leaves fix the order of addition."""
    effort = Effort(num_threads=1, leaves_at_once=1)
    assert root(recipe(name), tokens, effort) != root(recipe(name, leaf_sequences=3), tokens, effort)


def test_every_parameter_is_trained(name: str, tokens: Path) -> None:
    """But for the biases of a router's choice, which have no gradient."""
    with closing(Trainer(recipe(name), tokens, Effort(num_threads=2, leaves_at_once=1))) as trainer:
        before = {key: values.copy() for key, values in trainer.tensors().items() if key.startswith("model.")}
        for step in range(1, STEPS + 1):
            trainer.step(step)
        still = {key for key, values in before.items() if (trainer.tensors()[key] == values).all()}
        assert still == {f"model.{it.name}" for it in trainer.model.layout if it.role == "selection"}
