"""Recipes to start from load, say every key, and fit the documents."""

from pathlib import Path

import pytest

from glasswright.errors import Misuse
from glasswright.recipe import parse
from glasswright.recipe.starter import for_documents, starter
from glasswright.records.recipe import Part

SHORTEST = "name: mine\nsources: [{name: python-docs, kind: python-docs}]\n"


def test_the_starter_shows_exactly_the_defaults():
    assert parse(starter("mine"), "mine.yaml").digest == parse(SHORTEST, "short.yaml").digest


def test_the_starter_names_every_key():
    text = starter("mine")
    keys = {key for part in Part.__subclasses__() for key in part.model_fields}
    assert sorted(key for key in keys if f"{key}:" not in text) == []


def test_the_sources_in_the_comments_load_when_uncommented():
    text = starter("mine").replace("\n# - ", "\n  - ").replace("\n#   ", "\n    ")
    assert [source.kind for source in parse(text, "mine.yaml").sources] == ["python-docs", "folder", "git", "hf"]


@pytest.mark.parametrize("name", ["", "Mine", "my model", "../mine", "a/b", "é"])
def test_a_name_that_cannot_be_a_file_is_refused(name: str):
    with pytest.raises(Misuse, match="expected small letters"):
        starter(name)


def test_a_recipe_for_a_folder_does_not_depend_on_where_it_lies(tmp_path: Path):
    for place in ("here", "there"):
        (tmp_path / place / "My Notes").mkdir(parents=True)
        (tmp_path / place / "My Notes" / "a.md").write_text("a note " * 100)
    here, there = (for_documents(tmp_path / place / "My Notes", "MIT") for place in ("here", "there"))
    assert here.digest == there.digest
    assert (here.name, here.sources[0].kind, here.sources[0].license) == ("my-notes", "folder", "MIT")


def test_more_documents_get_more_steps_and_a_larger_model(tmp_path: Path):
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    few.write_text("x")
    with many.open("wb") as file:
        file.truncate(50_000_000)
    assert for_documents(few, "MIT").train.num_steps < for_documents(many, "MIT").train.num_steps
    assert for_documents(few, "MIT").model.hidden_size < for_documents(many, "MIT").model.hidden_size


def test_what_holds_no_documents_is_refused(tmp_path: Path):
    (tmp_path / "picture.png").write_text("x")
    (tmp_path / "empty").mkdir()
    for path, said in [("none", "no such file"), ("empty", "no documents"), ("picture.png", "expected a folder")]:
        with pytest.raises(Misuse, match=said):
            for_documents(tmp_path / path, "MIT")


def test_the_weights_get_the_license_that_is_given(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text("x")
    assert for_documents(tmp_path / "a.jsonl", "MIT", "Apache-2.0").weights_license == "Apache-2.0"
    assert for_documents(tmp_path / "a.jsonl", "MIT").weights_license is None
    with pytest.raises(Misuse, match="weights license apache: expected an SPDX expression"):
        for_documents(tmp_path / "a.jsonl", "MIT", "apache")
