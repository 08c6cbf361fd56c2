"""How long a step takes is measured on any recipe that can be trained."""

import pytest

from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort
from glasswright.train.probe import probe


@pytest.mark.parametrize("num_steps", [1, 2, 7])
def test_a_run_of_few_steps_is_measured_too(recipe: Recipe, num_steps: int) -> None:
    said = recipe.resolved()
    schedule = {"warmup_steps": 0, "decay_steps": num_steps}
    short = Recipe.model_validate({**said, "train": {**said["train"], "num_steps": num_steps, "schedule": schedule}})
    assert probe(short, effort=Effort(num_threads=1, leaves_at_once=1)) > 0


@pytest.mark.parametrize("kind", ["python-docs", "conversations", "preferences"])
@pytest.mark.parametrize("adapter", [None, {"rank": 2}])
def test_a_derived_run_is_measured_without_its_parent(recipe: Recipe, kind: str, adapter: object) -> None:
    source = {"name": "x", "kind": kind} | ({} if kind == "python-docs" else {"path": "x"})
    parent = {"name": "org/parent", "path": "parent", "license": "MIT", "files": "0" * 64}
    parent |= {"max_positions": 512, "ends_of_text": [0]}
    changes = {"sources": [source], "parent": parent, "adapter": adapter}
    changes |= {"preference": {"beta": "0.1"}} if kind == "preferences" else {}
    derived = Recipe.model_validate(recipe.resolved() | changes)
    assert probe(derived, effort=Effort(num_threads=1, leaves_at_once=1)) > 0
