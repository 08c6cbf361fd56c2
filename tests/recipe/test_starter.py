"""Recipes to start from load, say every key, and fit the documents."""

import re
from pathlib import Path

import pytest

from glasswright.errors import Misuse
from glasswright.recipe import parse
from glasswright.recipe.place import named_source
from glasswright.recipe.starter import bytes_below, for_source, starter
from glasswright.records.model import Model
from glasswright.records.part import Part
from glasswright.records.recipe import Recipe
from glasswright.records.sources import DOCUMENT_SUFFIXES, KINDS

SHORTEST = "name: mine\nsources: [{name: python-docs, kind: python-docs}]\n"


def test_the_starter_shows_exactly_the_defaults():
    assert parse(starter("mine"), "mine.yaml").digest == parse(SHORTEST, "short.yaml").digest


def test_the_starter_names_every_key_but_those_of_a_model_s_parts():
    text = starter("mine")
    parts = [part for part in Part.__subclasses__() if part.__module__ != Model.__module__]
    assert sorted(key for part in parts for key in part.model_fields if f"{key}:" not in text) == []


def test_the_sources_in_the_comments_load_when_uncommented():
    text = starter("mine").replace("\n# - ", "\n  - ").replace("\n#   ", "\n    ")
    kinds = [source.kind for source in parse(text, "mine.yaml").sources]
    assert kinds == ["python-docs", "folder", "jsonl", "git", "hf"]


def test_the_starter_names_every_kind_of_source_and_every_end_of_a_name_that_is_read():
    text = starter("mine")
    ends = [suffix for kind in KINDS.values() for suffix in kind.suffixes]
    words = set(re.split(r"[\s;]+", text))
    assert {*KINDS, *DOCUMENT_SUFFIXES, *ends} <= words
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", ["", "Mine", "my model", "../mine", "a/b", "é"])
def test_a_name_that_cannot_be_a_file_is_refused(name: str):
    with pytest.raises(Misuse, match="expected small letters"):
        starter(name)


def recipe_for(place: Path, license: str = "MIT", weights_license: str | None = None) -> Recipe:
    source, found = named_source(str(place), license=license)
    assert found is not None
    return for_source(source, bytes_below(found), weights_license)


def test_a_recipe_for_a_folder_does_not_depend_on_where_it_lies(tmp_path: Path):
    for place in ("here", "there"):
        (tmp_path / place / "My Notes").mkdir(parents=True)
        (tmp_path / place / "My Notes" / "a.md").write_text("a note " * 100)
    here, there = (recipe_for(tmp_path / place / "My Notes") for place in ("here", "there"))
    assert here.digest == there.digest
    assert (here.name, here.sources[0].kind, here.sources[0].license) == ("my-notes", "documents", "MIT")


def test_more_documents_get_more_steps_and_a_larger_model(tmp_path: Path):
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    few.write_text("x")
    with many.open("wb") as file:
        file.truncate(50_000_000)
    assert recipe_for(few).train.num_steps < recipe_for(many).train.num_steps
    assert recipe_for(few).model.hidden_size < recipe_for(many).model.hidden_size


def test_what_holds_no_documents_is_refused(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Misuse, match="empty: no documents in it"):
        recipe_for(tmp_path / "empty")


def test_the_weights_get_the_license_that_is_given(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text("x")
    assert recipe_for(tmp_path / "a.jsonl", "MIT", "Apache-2.0").weights_license == "Apache-2.0"
    assert recipe_for(tmp_path / "a.jsonl", "MIT").weights_license is None
    with pytest.raises(Misuse, match="weights license apache: expected an SPDX expression") as caught:
        recipe_for(tmp_path / "a.jsonl", "MIT", "apache")
    assert caught.value.hint == "did you mean Apache-2.0?"
