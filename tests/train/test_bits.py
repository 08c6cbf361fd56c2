"""The bits of a whole run: what training computed yesterday it computes today.

golden.txt holds state roots and step records; `make golden` rewrites it, and a line that changes is a changed bit.
"""

import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from glasswright.recipe import load as load_recipe
from glasswright.records.canonical import digest
from glasswright.records.lines import whole_lines
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort
from glasswright.train.trainer import Trainer

TWO = Effort(num_threads=2, leaves_at_once=2)
FIXTURE = Path(__file__).parents[1] / "fixtures" / "schema-1.tar.xz"

# Each takes another way through the optimizer; the order of reading enters its second epoch at step 6.
VARIANTS: dict[str, dict[str, Any]] = {
    "muon": {},
    "untied": {"model": {"tied_embeddings": False}},
    "adamw": {"train": {"optimizer": {"kind": "adamw"}}},
    "products by integers": {"numerics": 2},
}


def variant(recipe: Recipe, changes: dict[str, Any]) -> Recipe:
    resolved = recipe.resolved()
    parts = {part: {**resolved[part], **changes.get(part, {})} for part in ("model", "train")}
    return Recipe.model_validate({**resolved, **changes, **parts})


@pytest.mark.parametrize("name", VARIANTS)
def test_a_whole_run_ends_in_the_golden_state(
    recipe: Recipe, tokens: Path, golden: Callable[[str, str], None], name: str
) -> None:
    with closing(Trainer(variant(recipe, VARIANTS[name]), tokens, TWO)) as trainer:
        golden(f"{name} initial state", trainer.state_record(0).root)
        steps = [trainer.step(step).record() for step in range(1, recipe.train.num_steps + 1)]
        golden(f"{name} state after step 7", trainer.state_record(7).root)
        golden(f"{name} steps 1 to 7", digest(steps))


def test_a_release_of_the_first_schema_is_trained_again_to_its_states(tmp_path: Path) -> None:
    """Another program wrote it: what this code was before the schema changed."""
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(tmp_path, filter="data")
    release = tmp_path / "schema1"
    states, steps = (
        {record["step"]: record for record, _ in whole_lines((release / "transcript" / name).read_bytes(), name)}
        for name in ("states.jsonl", "steps.jsonl")
    )
    with closing(Trainer(load_recipe(release / "recipe.yaml"), release / "tokens", TWO)) as trainer:
        assert trainer.state_record(0).root == states[0]["root"]
        for step, recorded in steps.items():
            made = trainer.step(step).record()
            assert [made[key] for key in ("loss_nats", "gradient_norm", "clip", "validation_bits_per_byte")] == [
                recorded[key] for key in ("loss_nats", "gradient_norm", "clip", "validation_bits_per_byte")
            ]
            if step in states:
                assert trainer.state_record(step).root == states[step]["root"]
    assert states.keys() == {0, 2, 4, 6}
