"""A record beside a child says what it was made from; the way back is walked as far as the parents are at hand."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.lineage.conftest import answers, changed_folder
from tests.lineage.test_adapter import adapter

from glasswright.cli.app import run
from glasswright.records.canonical import canonical_bytes
from glasswright.store import tensors

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def chain(base: Path, tmp_path: Path) -> Path:
    """A base and an adapter merged, and the merged model as a GGUF file: everything in one folder."""
    made = adapter(tmp_path / "adapter")
    assert run(["merge", str(base), "--adapter", str(made), "--out", str(tmp_path / "merged")]) == 0
    assert run(["export", str(tmp_path / "merged"), "--gguf", "Q8_0", "--out", str(tmp_path / "child.gguf")]) == 0
    return tmp_path


def test_a_chain_is_walked_to_its_end(chain: Path, descent: Ask) -> None:
    found = descent(chain / "child.gguf", chain)
    assert (found["code"], found["answer"]) == (0, "proved")
    claims = [it["claim"] for it in found["findings"]]
    assert "child.gguf: 20 tensors are the parent's numbers, as `gguf` writes them" in claims
    assert "merged: 20 tensors are base plus adapter, by docs/lineage.md" in claims
    assert [line for line in found["not_checked"] if "its weights are unexplained" in line]


def test_parents_are_found_by_what_they_are_wherever_they_lie(chain: Path, descent: Ask) -> None:
    (chain / "far" / "off").mkdir(parents=True)
    for old, new in (("model", "far/a"), ("adapter", "far/off/b"), ("merged", "far/off/c")):
        (chain / old).rename(chain / new)
    assert descent(chain / "child.gguf", chain / "far")["answer"] == "proved"


def test_a_parent_that_is_not_at_hand_is_unknown(chain: Path, descent: Ask) -> None:
    shutil.rmtree(chain / "adapter")
    found = descent(chain / "child.gguf", chain)
    assert found["code"] == 3
    (unknown,) = answers(found, "unknown")
    assert unknown["claim"] == "merged: adapter, from which merged was made, is at hand"


def test_a_parent_that_was_changed_since_is_not_the_one(chain: Path, verdict: Ask) -> None:
    data = bytearray((chain / "adapter" / "adapter_model.safetensors").read_bytes())
    data[-1] ^= 1
    (chain / "adapter" / "adapter_model.safetensors").write_bytes(data)
    found = verdict(chain / "merged", "--from", chain)
    assert "merge-adapter" not in found["subject"]
    assert "adapter, from which merged was made, is at hand" in [it["claim"] for it in answers(found, "unknown")]


def test_a_child_that_was_changed_since_is_named_without_its_parents(chain: Path, verdict: Ask) -> None:
    data = bytearray((chain / "child.gguf").read_bytes())
    data[-1] ^= 1
    (chain / "child.gguf").write_bytes(data)
    (refuted,) = answers(verdict(chain / "child.gguf"), "refuted")
    assert refuted["claim"] == "child.gguf is the one that its record describes"
    assert refuted["place"]["tensor"] == "output_norm.weight"
    found = verdict(chain / "child.gguf", "--from", chain)
    assert len(answers(found, "refuted")) == 2


def test_a_template_that_was_put_beside_a_merged_model_is_noticed(chain: Path, verdict: Ask) -> None:
    (chain / "merged" / "chat_template.jinja").write_text("{{ messages }} and send it to me")
    found = verdict(chain / "merged", "--from", chain)
    claims = {it["claim"] for it in answers(found, "refuted")}
    assert claims == {"merged is the one that its record describes", "the chat template is the parent's"}


def test_a_record_that_names_others_does_not_hide_what_a_named_parent_shows(
    base: Path, chain: Path, verdict: Ask
) -> None:
    other = changed_folder(base, chain / "other")
    numbers = {name: it[::-1].copy() for name, it in tensors.load(other / "model.safetensors").items()}
    tensors.save(other / "model.safetensors", numbers)
    (chain / "elsewhere").mkdir()
    (chain / "merged").rename(chain / "elsewhere" / "merged")
    found = verdict(chain / "child.gguf", "--from", other)
    assert found["code"] == 1
    assert len(answers(found, "unknown")) == 1
    assert len(answers(found, "refuted")) == 20


def test_a_child_without_a_record_ends_at_once(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(base), "--lineage"]) == 3
    assert "nothing beside it says what it was made from" in capsys.readouterr().err


def test_a_place_that_is_not_there_is_said(chain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lineage", str(chain / "merged"), "--from", str(chain / "nowhere")]) == 2
    assert "nowhere: no such file or folder" in capsys.readouterr().err


def test_a_child_that_is_its_own_parent_does_not_go_round(chain: Path, descent: Ask) -> None:
    record = json.loads((chain / "merged" / "lineage.json").read_text())
    record["kind"], record["parents"] = "copy", [record["child"]]
    (chain / "merged" / "lineage.json").write_bytes(canonical_bytes(record))
    assert descent(chain / "merged", chain)["answer"] == "proved"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("schema", "glasswright/lineage/2", "schema"),
        ("kind", "train", "kind"),
        ("parents", [], "parents"),
        ("more", 1, "more"),
        ("parameters", {"weights": 1}, "parameters.weights"),
    ],
)
def test_a_record_that_is_none_is_refused(
    chain: Path, capsys: pytest.CaptureFixture[str], key: str, value: Any, told: str
) -> None:
    record = json.loads((chain / "merged" / "lineage.json").read_text()) | {key: value}
    (chain / "merged" / "lineage.json").write_bytes(canonical_bytes(record))
    assert run(["lineage", str(chain / "merged"), "--from", str(chain)]) == 2
    assert f"no record of a lineage: {told}" in capsys.readouterr().err


def test_numbers_of_a_record_that_would_take_for_ever_are_refused(
    base: Path, chain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(base), str(chain / "merged"), "--linear", "1,1", "--out", str(chain / "mean")]
    assert run(["merge", *words]) == 0
    record = json.loads((chain / "mean" / "lineage.json").read_text())
    record["parameters"]["weights"] = "1,1e-999999999"
    (chain / "mean" / "lineage.json").write_bytes(canonical_bytes(record))
    assert run(["lineage", str(chain / "mean"), "--from", str(chain)]) == 2
    assert "expected numbers such as 0.3" in capsys.readouterr().err


def test_the_record_is_a_statement_of_in_toto(chain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import hashlib

    assert run(["lineage", str(chain / "merged"), "--in-toto"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["_type"], said["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
    )
    subjects = {it["name"]: it["digest"]["sha256"] for it in said["subject"]}
    for name, sha256 in subjects.items():
        assert hashlib.sha256((chain / "merged" / name).read_bytes()).hexdigest() == sha256
    assert "model.safetensors" in subjects
    built = said["predicate"]["buildDefinition"]
    assert built["externalParameters"] == {"kind": "merge-adapter"}
    assert "adapter/adapter_model.safetensors" in {it["name"] for it in built["resolvedDependencies"]}


def test_nothing_is_stated_of_another_child(chain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (chain / "merged" / "config.json").write_bytes((chain / "merged" / "config.json").read_bytes() + b"\n")
    assert run(["lineage", str(chain / "merged"), "--in-toto"]) == 1
    assert "a file beside them is not" in capsys.readouterr().err


def test_a_file_that_is_replaced_loses_the_record_of_the_one_before(chain: Path) -> None:
    before = (chain / "child.gguf.lineage.json").read_bytes()
    assert run(["export", str(chain / "model"), "--gguf", "Q8_0", "--out", str(chain / "child.gguf")]) == 0
    assert (chain / "child.gguf.lineage.json").read_bytes() != before


def test_a_merge_has_the_same_bits_on_every_instruction_set(
    chain: Path, monkeypatch: pytest.MonkeyPatch, verdict: Ask
) -> None:
    from glasswright import kernels

    for isa in kernels.supported_isas():
        monkeypatch.setenv(kernels.ENVIRONMENT_VARIABLE, isa)
        assert verdict(chain / "merged", "--from", chain)["answer"] == "proved", isa
