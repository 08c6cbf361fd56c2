"""That a text is among the private documents, or is not: shown to anybody, and of no other text."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import change, read, relist

from glasswright.attest.parts import release_root
from glasswright.attest.salted import letters
from glasswright.cli.app import run
from glasswright.errors import Misuse, Unknown
from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.membership import Membership
from glasswright.records.release import Roots
from glasswright.records.verdict import Answer, Verdict
from glasswright.verify.membership import check_membership, prove_in, prove_out

from .conftest import NUM_DOCUMENTS, Place

OTHER = b"A text that nobody here has learned from.\n"
Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def said(place: Place) -> Path:
    """The file of a document that was learned from."""
    return place.folder / "texts" / "3.txt"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    (tmp_path / "other.txt").write_bytes(OTHER)
    return tmp_path / "other.txt"


@pytest.fixture
def handed(tmp_path: Path) -> Callable[[Membership | dict[str, Any]], Path]:
    """A proof in a file, as it is handed over."""

    def write(proof: Membership | dict[str, Any]) -> Path:
        record = proof if isinstance(proof, dict) else proof.record()
        (tmp_path / "proof.json").write_text(json.dumps(record))
        return tmp_path / "proof.json"

    return write


Hand = Callable[[Membership | dict[str, Any]], Path]


def last(verdict: Verdict) -> str:
    return verdict.findings[-1].evidence


def test_a_document_is_shown_to_be_in_to_a_stranger(owners: Path, strangers: Path, said: Path, handed: Hand) -> None:
    verdict = check_membership(handed(prove_in(owners, "3.txt")), strangers, said)
    assert verdict.answer is Answer.PROVED
    assert f"of {NUM_DOCUMENTS}, CC0-1.0" in last(verdict)
    assert any("how often it was learned" in line for line in verdict.not_checked)


def test_a_text_is_shown_not_to_be_in(owners: Path, strangers: Path, other: Path, handed: Hand) -> None:
    verdict = check_membership(handed(prove_out(owners, [OTHER])), strangers, other)
    assert verdict.answer is Answer.PROVED
    assert any("near copy" in line for line in verdict.not_checked)
    assert any("what the parent learned from" in line for line in verdict.not_checked)


def test_without_the_text_the_proof_is_said_to_be_about_a_digest(owners: Path, strangers: Path, handed: Hand) -> None:
    verdict = check_membership(handed(prove_in(owners, "3.txt")), strangers)
    assert verdict.answer is Answer.PROVED
    assert verdict.not_checked[0].startswith("which text it is")


def test_a_proof_that_a_document_is_in_opens_its_row_alone(owners: Path, strangers: Path) -> None:
    (key,) = prove_in(owners, "3.txt").keys
    rows = read(strangers / "private.json")["documents"]
    assert [row["key"] for row in rows].count(hashlib.sha256(bytes.fromhex(key)).hexdigest()) == 1


def test_of_a_text_that_is_in_no_honest_owner_proves_that_it_is_not(owners: Path, said: Path) -> None:
    with pytest.raises(Misuse, match=r"is among the documents: texts:3\.txt"):
        prove_out(owners, [OTHER, said.read_bytes()])


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no letter and no digit"),
        (b"!!! -- \0 ...\n", "no letter and no digit"),
        ("Der Bürgermeister.".encode("latin-1"), "not UTF-8"),
        ("Nobody outside may know.".encode("utf-16"), "not UTF-8"),
    ],
)
def test_a_text_without_letters_or_in_another_encoding_is_neither_proved_nor_checked(
    owners: Path, strangers: Path, tmp_path: Path, handed: Hand, data: bytes, told: str
) -> None:
    """Else of a document that is in, its words in Latin-1 would be PROVED to be absent."""
    proof = prove_out(owners, [OTHER])
    with pytest.raises(Misuse, match=told):
        prove_out(owners, [data])
    (tmp_path / "text.txt").write_bytes(data)
    with pytest.raises(Misuse, match=told):
        check_membership(handed(replace(proof, letters=letters(data))), strangers, tmp_path / "text.txt")


def test_no_pipe_and_nothing_larger_than_a_document_is_read_as_a_text(owners: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(2**30)
    assert run(["private", "prove", str(owners), "--absent", str(tmp_path / "pipe")]) == Misuse.exit_code
    assert run(["private", "prove", str(owners), "--absent", str(tmp_path / "large")]) == Misuse.exit_code


def test_a_stranger_proves_nothing(strangers: Path, place: Place) -> None:
    with pytest.raises(Unknown, match="withheld"):
        prove_in(strangers, "3.txt")
    with pytest.raises(Unknown, match="withheld"):
        prove_out(strangers, [OTHER])
    with pytest.raises(Misuse, match="nothing in it is private"):
        prove_in(place.folder / "release", "3.txt")


def set_to(key: str, value: Any) -> Edit:
    return lambda record: record.update({key: value})


FORGED_IN: dict[str, tuple[Edit, str]] = {
    "another text": (set_to("letters", letters(OTHER)), "no row has the id"),
    "another key": (set_to("keys", ["ab" * 32]), "no row has the id"),
    "no key": (set_to("keys", []), "expected the key of one row, found 0"),
    "half a key": (set_to("keys", ["ab" * 16]), "expected 64 hexadecimal digits"),
    "another release": (set_to("root", "cd" * 32), "a proof for the release cdcdcdcdcdcd"),
    "the other kind": (set_to("kind", "out"), f"one for each of {NUM_DOCUMENTS} rows, found 1"),
    "a kind of its own": (set_to("kind", "maybe"), "expected one of"),
    "a field more": (set_to("row", 3), "is not a field of"),
    "a number for a key": (set_to("keys", [7]), "expected str"),
}


@pytest.mark.parametrize("forgery", FORGED_IN)
def test_a_forged_proof_that_a_text_is_in_is_refuted(owners: Path, strangers: Path, handed: Hand, forgery: str) -> None:
    edit, told = FORGED_IN[forgery]
    record = prove_in(owners, "3.txt").record()
    edit(record)
    verdict = check_membership(handed(record), strangers)
    assert verdict.answer is Answer.REFUTED
    assert told in last(verdict)


def test_a_forged_proof_that_a_text_is_not_in_is_refuted(
    owners: Path, strangers: Path, said: Path, handed: Hand
) -> None:
    true = prove_out(owners, [OTHER])
    lie = replace(true, letters=letters(said.read_bytes()))
    assert "it is among the documents" in last(check_membership(handed(lie), strangers))
    shown = last(check_membership(handed(prove_in(owners, "3.txt")), strangers))
    number = next(it for it in range(NUM_DOCUMENTS) if f"row {it + 1} of" in shown)
    keys = [*true.keys]
    keys[number] = "ab" * 32  # so that the row is opened to something else
    forged = check_membership(handed(replace(lie, keys=tuple(keys))), strangers)
    assert forged.answer is Answer.REFUTED
    assert f"keys[{number}]: not the key of the row" in last(forged)
    for other_keys in (true.keys[:-1], (*true.keys, true.keys[0]), true.keys[::-1]):
        assert check_membership(handed(replace(true, keys=other_keys)), strangers).answer is Answer.REFUTED


def test_a_proof_about_another_text_than_the_one_given_is_refuted(
    owners: Path, strangers: Path, other: Path, handed: Hand
) -> None:
    verdict = check_membership(handed(prove_in(owners, "3.txt")), strangers, other)
    assert verdict.answer is Answer.REFUTED
    assert "the text given is another" in last(verdict)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"\xff", b'{"kind": ["in"]}', b'{"kind": "in", "kind": 1}']
)
def test_a_file_that_is_no_proof_proves_nothing(strangers: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "proof.json").write_bytes(data)
    assert check_membership(tmp_path / "proof.json", strangers).answer is Answer.REFUTED


def drop_row(ledger: dict[str, Any]) -> None:
    del ledger["documents"][2]


@pytest.mark.parametrize("has_a_new_root", [False, True])
def test_in_a_copy_whose_rows_were_changed_no_proof_holds(
    owners: Path, copy: Path, handed: Hand, has_a_new_root: bool
) -> None:
    change(copy / "private.json", drop_row)
    roots = None
    if has_a_new_root:
        stated = read(copy / "release.json")
        parts = stated["parts"] | {"private": digest(read(copy / "private.json"))}
        roots = Roots(numerics=stated["numerics"], parts=parts)
    relist(copy, roots)
    verdict = check_membership(handed(prove_in(owners, "3.txt")), copy)
    assert verdict.answer is Answer.REFUTED
    told = "a proof for the release" if has_a_new_root else "rests on root, recipe and salted ledger"
    assert told in last(verdict)
    if roots is not None:
        assert release_root(roots) != prove_in(owners, "3.txt").root


def test_a_copy_whose_salted_ledger_is_gone_is_no_accusation_of_the_proof(
    owners: Path, copy: Path, handed: Hand
) -> None:
    (copy / "private.json").unlink()
    verdict = check_membership(handed(prove_in(owners, "3.txt")), copy)
    assert verdict.findings[-1].answer is Answer.UNKNOWN


def test_the_same_proof_holds_in_the_owner_s_copy(owners: Path, handed: Hand) -> None:
    assert check_membership(handed(prove_out(owners, [OTHER])), owners).answer is Answer.PROVED


def test_a_proof_is_spelled_as_one_likes(owners: Path, strangers: Path, tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_bytes(canonical_bytes(prove_in(owners, "3.txt").record()) + b"\n")
    assert check_membership(tmp_path / "proof.json", shutil.copytree(strangers, tmp_path / "c")).answer is Answer.PROVED


@pytest.mark.parametrize(
    ("text", "is_the_same"),
    [
        ("The otter, and the mole.", True),
        ("the OTTER\n> and the mole\r\n", True),
        ("The otter and the moles.", False),
        ("The otter, and the molé.", False),
    ],
)
def test_a_text_is_known_by_its_letters(text: str, is_the_same: bool) -> None:
    assert (letters(text.encode()) == letters(b"The otter and the mole.")) is is_the_same
