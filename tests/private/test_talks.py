"""Conversations and preferences: their documents are records, and what is said in them is as private."""

from pathlib import Path

import pytest
from tests.release.talking import make

from glasswright.pipeline import Setting, build
from glasswright.private import publish
from glasswright.private.search import left_in
from glasswright.recipe import load_as_written
from glasswright.records.verdict import Answer
from glasswright.verify import check

from .conftest import ONE, SALT, private

ANSWER = "I may say that nobody of the nine otters has sold even one lantern."


@pytest.mark.parametrize("kind", ["conversations", "preferences"])
def test_what_is_said_in_them_is_found_and_not_published(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.release.talking.ANSWERS", (ANSWER, "No.", "Two words.", "That is all."))
    recipe = private(load_as_written(make(tmp_path, kind, sequence_length=240) / "recipe.yaml"))
    setting = Setting(base=tmp_path, work=tmp_path / "work", effort=ONE, parent=tmp_path / "parent", salt=SALT)
    owners = build(recipe, setting=setting, out=tmp_path / "owners")
    assert check(owners).answer is Answer.PROVED
    publish(owners, tmp_path / "public", num_threads=1)
    assert check(tmp_path / "public").answer is Answer.UNKNOWN
    assert not left_in(tmp_path / "public", owners)
    (tmp_path / "public" / "model" / "README.md").write_text(f"It says: {ANSWER}")
    assert {it.path for it in left_in(tmp_path / "public", owners)} == {"model/README.md"}
