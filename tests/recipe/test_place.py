"""A source named in a word is the same source wherever it is named."""

import os
from pathlib import Path
from typing import get_args

import pytest

from glasswright.errors import Misuse
from glasswright.recipe.place import named_source
from glasswright.records.recipe import OF_ROWS, WITH_PATH, Recipe
from glasswright.records.sources import FILE_SUFFIXES, KINDS, SourceKind, learned_from

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_every_kind_has_its_entry():
    assert tuple(KINDS) == get_args(SourceKind)
    assert WITH_PATH == ("folder", "documents", "jsonl", "parquet", "warc", "debian", "conversations", "preferences")
    assert OF_ROWS == ("jsonl", "parquet", "hf")


def test_no_name_is_of_two_kinds_of_texts():
    for suffix in FILE_SUFFIXES:
        texts = [kind for name, kind in KINDS.items() if learned_from(name) == "texts"]
        assert len([kind for kind in texts if f"a{suffix}".endswith(kind.suffixes or ("?",))]) == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.jsonl", "jsonl"),
        ("x.JSONL.ZST", "jsonl"),
        ("x.json.gz", "jsonl"),
        ("x.parquet", "parquet"),
        ("x.warc", "warc"),
        ("x.warc.gz", "warc"),
        ("x_1.0_all.deb", "debian"),
        ("x.pdf", "documents"),
        ("x.TXT", "documents"),
        ("x.json", "documents"),
        ("x", "documents"),
    ],
)
def test_a_file_is_of_the_kind_that_its_name_ends_in(tmp_path: Path, name: str, kind: str):
    if name == "x":
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(b"")
    source, place = named_source(str(tmp_path / name), license="MIT")
    assert (source.kind, source.path, source.license, place) == (kind, name, "MIT", tmp_path / name)
    assert source.name.startswith("x")


def test_a_dataset_of_the_hub_is_named_by_its_commit():
    source, place = named_source(f"hf:org/My.Essays@{COMMIT}", license=None)
    assert (source.kind, source.name, place) == ("hf", "my", None)
    assert source.hf is not None
    assert (source.hf.dataset, source.hf.revision) == ("org/My.Essays", COMMIT)


@pytest.mark.parametrize(
    "said", ["hf:", "hf:org", "hf:org/name", "hf:org/name@main", "hf:org/name@0123", "hf:a/b/c@" + COMMIT]
)
def test_a_dataset_without_its_commit_is_refused(said: str):
    with pytest.raises(Misuse, match="expected hf:ORG/NAME@COMMIT"):
        named_source(said, license=None)


def test_what_is_not_there_or_not_read_is_refused_with_all_that_is(tmp_path: Path):
    (tmp_path / "picture.png").write_text("x")
    for name, said in (("none", "no such file or folder"), ("picture.png", "files of its kind are not read")):
        with pytest.raises(Misuse, match=said) as caught:
            named_source(str(tmp_path / name), license=None)
        known = ("folder", "hf:ORG/NAME@COMMIT", ".pdf", *FILE_SUFFIXES)
        assert [name for name in known if name not in str(caught.value.hint)] == []


def test_a_name_that_is_not_utf8_makes_a_recipe(tmp_path: Path):
    place = os.fsencode(tmp_path) + b"/na\xefve.jsonl"
    Path(os.fsdecode(place)).write_bytes(b"")
    source, _ = named_source(os.fsdecode(place), license="MIT")
    assert source.path == r"na\xefve.jsonl"
    assert Recipe(name="x", sources=(source,)).digest
