"""Recipes to start from load, say every key, and fit the documents."""

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from glasswright.errors import Misuse
from glasswright.recipe import parse
from glasswright.recipe.place import named_source
from glasswright.recipe.starter import for_source, made_to_measure, shape_of, starter
from glasswright.records.model import Model
from glasswright.records.part import Part
from glasswright.records.recipe import KEYS_OF_SOME, Adapter, Parent, Preference, Private, Recipe, Source
from glasswright.records.sources import DOCUMENT_SUFFIXES, KINDS, learned_from

SHORTEST = "name: mine\nsources: [{name: python-docs, kind: python-docs}]\n"


OF_DERIVED = (Parent, Adapter, Preference, Private)  # sections that `derive` writes


def test_the_starter_shows_exactly_the_defaults():
    assert parse(starter("mine"), "mine.yaml").digest == parse(SHORTEST, "short.yaml").digest


def test_the_starter_names_every_key_but_those_of_a_model_s_parts_and_of_what_has_a_parent():
    text = starter("mine")
    parts = [part for part in Part.__subclasses__() if part.__module__ != Model.__module__ and part not in OF_DERIVED]
    named = {key for part in parts for key in part.model_fields} - {key.rpartition(".")[2] for key in KEYS_OF_SOME}
    assert sorted(key for key in named if f"{key}:" not in text) == []


def test_the_sources_in_the_comments_load_when_uncommented():
    text = starter("mine").replace("\n# - ", "\n  - ").replace("\n#   ", "\n    ")
    kinds = [source.kind for source in parse(text, "mine.yaml").sources]
    assert kinds == ["python-docs", "folder", "jsonl", "git", "hf"]


def test_the_starter_names_every_kind_of_source_and_every_end_of_a_name_that_is_read():
    text = starter("mine")
    kinds = [kind for kind in KINDS if learned_from(kind) == "texts"]
    ends = [suffix for kind in kinds for suffix in KINDS[kind].suffixes]
    words = set(re.split(r"[\s;]+", text))
    assert {*kinds, *DOCUMENT_SUFFIXES, *ends} <= words
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", ["", "Mine", "my model", "../mine", "a/b", "é"])
def test_a_name_that_cannot_be_a_file_is_refused(name: str):
    with pytest.raises(Misuse, match="expected small letters"):
        starter(name)


def named(place: Path, license: str = "MIT") -> Source:
    return named_source(str(place), license=license)[0]


def made(num_bytes: int, num_tokens: int = 100_000) -> Recipe:
    """A recipe for so much text."""
    recipe, shape = for_source(Source(name="a", kind="documents", path="a")), shape_of(num_bytes)
    share, vocab_size = Decimal("0.1"), shape.vocab_size
    return made_to_measure(
        recipe, shape, num_bytes=num_bytes, num_tokens=num_tokens, vocab_size=vocab_size, validation_share=share
    )


def test_a_recipe_for_a_folder_does_not_depend_on_where_it_lies(tmp_path: Path):
    for place in ("here", "there"):
        (tmp_path / place / "My Notes").mkdir(parents=True)
    here, there = (for_source(named(tmp_path / place / "My Notes")) for place in ("here", "there"))
    assert here.digest == there.digest
    assert (here.name, here.sources[0].kind, here.sources[0].license) == ("my-notes", "documents", "MIT")


def test_more_text_gets_more_steps_and_a_larger_model():
    recipes = [made(num_bytes) for num_bytes in (20_000, 2_000_000, 50_000_000, 500_000_000)]
    for smaller, larger in pairwise(recipes):
        assert smaller.train.num_steps < larger.train.num_steps
        assert smaller.model.hidden_size < larger.model.hidden_size
        assert smaller.tokenizer.vocab_size < larger.tokenizer.vocab_size


@pytest.mark.parametrize(
    ("num_tokens", "sequence_length"), [(0, 1), (4, 1), (28, 4), (500, 64), (1023, 128), (1024, 256), (10**9, 256)]
)
def test_few_texts_hold_several_sequences(num_tokens: int, sequence_length: int):
    assert made(1000, num_tokens).train.sequence_length == sequence_length


def test_what_was_measured_is_in_the_recipe():
    recipe = made(20_000)
    assert (recipe.tokens.validation_share, recipe.tokenizer.vocab_size) == (Decimal("0.1"), 512)
    assert (recipe.train.num_steps, recipe.train.schedule.warmup_steps) == (100, 20)


def test_the_weights_get_the_license_that_is_given():
    source = Source(name="a", kind="documents", path="a")
    assert for_source(source, "Apache-2.0").weights_license == "Apache-2.0"
    assert for_source(source).weights_license is None
    with pytest.raises(Misuse, match="weights license apache: expected an SPDX expression") as caught:
        for_source(source, "apache")
    assert caught.value.hint == "did you mean Apache-2.0?"
