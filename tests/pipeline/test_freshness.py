"""The corpus is built again when a file it depends on has changed, and only then."""

from pathlib import Path

import pytest

from glasswright.pipeline.freshness import source_inputs
from glasswright.pipeline.setting import Setting
from glasswright.records.recipe import Corpus, Recipe
from glasswright.train.effort import Effort


@pytest.mark.parametrize("changed", ["in/a.txt", "quiz/q.jsonl", "bad.txt"])
def test_a_changed_source_evaluation_set_or_list_of_words_is_a_changed_input(tmp_path: Path, changed: str):
    for name in ("in/a.txt", "quiz/q.jsonl", "bad.txt", "other.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("words")
    recipe = Recipe(
        name="t",
        sources=[{"name": "a", "kind": "folder", "path": "in"}],  # type: ignore[list-item]
        corpus=Corpus(bad_words="bad.txt", evaluations=[{"name": "quiz", "path": "quiz"}]),  # type: ignore[list-item]
    )
    setting = Setting(base=tmp_path, work=tmp_path / "work", effort=Effort(num_threads=1, leaves_at_once=1))
    before = source_inputs(recipe, setting)
    (tmp_path / "other.txt").write_text("other words")
    assert source_inputs(recipe, setting) == before
    (tmp_path / changed).write_text("other words")
    assert source_inputs(recipe, setting) != before
