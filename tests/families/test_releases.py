"""A model of every family is built from documents, verified, replayed and rebuilt to its root."""

from pathlib import Path

import pytest
from tests.families.cases import CASES
from tests.pipeline.test_golden import SMALL, write_documents

import glasswright
from glasswright.records.recipe import Recipe
from glasswright.records.verdict import Answer

FEW = {"train": {**SMALL["train"], "num_steps": 8, "segment_steps": 4}}
QUICK = ("gpt2", "deepseek_v3")  # whose files are least like Llama's; the others are tried with `--slow`


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in sorted(CASES)]
)
def test_a_release_is_verified_replayed_and_rebuilt(name: str, tmp_path: Path) -> None:
    write_documents(tmp_path / "made.jsonl", seed="small", num_words=60, num_documents=9, num_sentences=4)
    recipe = Recipe.model_validate({**SMALL, **FEW, "name": name.replace("_", "-"), "model": CASES[name].recipe})
    release = glasswright.build(
        glasswright.Recipe(record=recipe, base=tmp_path), tmp_path / "release", work=tmp_path / "work", checkpoints=True
    )
    assert release.verify().answer is Answer.PROVED
    assert release.replay().answer is Answer.PROVED
    assert release.rebuild(tmp_path / "again", work=tmp_path / "work again").answer is Answer.PROVED
