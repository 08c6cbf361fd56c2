"""A parent that a release has on record is one, and what shows how its weights came about is its own release."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.audit.builder import write
from tests.audit.models import card, model

from glasswright.audit import audit_subject, load_parent
from glasswright.audit.lineage_record import MAX_RECORDED, recorded
from glasswright.audit.record import Facts
from glasswright.audit.subject import load_folder

ROOT = "ab" * 32
ON_RECORD = {"name": "someone/Heron-7B", "license": "MIT", "revision": None, "files": [], "tensors": []}


def child(root: Path, text: str) -> Path:
    return model(root, "a__Glade", card("Glade"), parents__json=text)


def on_record(release: str | None) -> str:
    return json.dumps({"schema": "glasswright/parents/1", "parents": [{**ON_RECORD, "release": release}]})


def facts_of(folder: Path, *parents: Path) -> Facts:
    given = tuple(load_parent(parent, "someone/Heron-7B") for parent in parents)
    return audit_subject(replace(load_folder(folder), parents=given)).facts


def test_a_parent_on_record_is_one_that_no_card_names(tmp_path: Path) -> None:
    facts = facts_of(child(tmp_path, on_record(None)))
    assert facts["lineage.1"].value == "finetune of someone/Heron-7B"
    assert facts["lineage.1"].evidence[0].file == "a__Glade/parents.json"
    assert facts["license_open.weights"].status == "unknown"


def test_a_parent_that_was_no_release_is_unexplained(tmp_path: Path) -> None:
    explained = facts_of(child(tmp_path, on_record(None)))["lineage.1.explained"]
    assert (explained.status, explained.note) == (
        "unknown",
        "unexplained weights: PROVED from here on, UNKNOWN before",
    )


@pytest.mark.parametrize(("root", "status"), [(ROOT, "proved"), ("cd" * 32, "unknown")])
def test_a_parent_is_explained_by_the_release_with_the_root_on_record(root: str, status: str, tmp_path: Path) -> None:
    parent = write(tmp_path / "parent", {"release.json": json.dumps({"root": root}), "README.md": "# Heron\n"})
    facts = facts_of(child(tmp_path / "child", on_record(ROOT)), parent)
    assert facts["lineage.1.explained"].status == status


def test_a_parent_that_is_no_release_on_record_has_no_such_fact(tmp_path: Path) -> None:
    facts = facts_of(model(tmp_path, "a__Glade", card("Glade", bases=["someone/Heron-7B"])))
    assert "lineage.1.explained" not in {fact.id for fact in facts}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"parents": 3}', '{"parents": [3, {}, {"name": 7}, {"name": " "}]}', "[" * 100_000],
    ids=["empty", "list", "cut", "number", "nameless", "deep"],
)
def test_a_file_that_is_no_record_names_nobody(text: str, tmp_path: Path) -> None:
    (snapshot,) = load_folder(child(tmp_path, text)).snapshots
    assert list(recorded(snapshot)) == []


def test_of_a_record_without_end_the_first_are_read(tmp_path: Path) -> None:
    many = json.dumps({"parents": [{"name": f"a/b{number}"} for number in range(10_000)]})
    (snapshot,) = load_folder(child(tmp_path, many)).snapshots
    assert len(list(recorded(snapshot))) == MAX_RECORDED


def edge(kind: object, *names: object) -> str:
    return json.dumps({"schema": "glasswright/lineage/1", "kind": kind, "parents": [{"name": it} for it in names]})


def test_what_the_record_beside_a_merged_model_names_are_its_parents(tmp_path: Path) -> None:
    merged = model(tmp_path, "a__Glade", card("Glade"), lineage__json=edge("merge-adapter", "Llama-3.1-8B", "mine"))
    facts = facts_of(merged)
    assert facts["lineage.derived"].value == "merge of Llama-3.1-8B; merge of mine"
    assert facts["lineage.1"].evidence[0].file == "a__Glade/lineage.json"
    assert facts["lineage.1.told"].status == "refuted"


def test_so_are_those_of_a_record_beside_a_file(tmp_path: Path) -> None:
    beside = model(tmp_path, "a__Glade", card("Glade"), x__gguf__lineage__json=edge("quantize", "Heron-7B"))
    assert facts_of(beside)["lineage.1"].value == "quantized from Heron-7B"


@pytest.mark.parametrize("text", ["", "[]", "{}", edge(1, "a"), edge("quantize", 1), edge("quantize", " "), "[" * 99])
def test_a_record_beside_a_model_that_is_none_names_nobody(text: str, tmp_path: Path) -> None:
    facts = facts_of(model(tmp_path, "a__Glade", card("Glade"), lineage__json=text))
    assert facts["lineage.derived"].status == "unknown"
