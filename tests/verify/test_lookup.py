"""Which documents are in a step, and in which steps a document is: both ways, each with a proof that is followed."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import change, change_lines, events, relist, reroot
from tests.release.roots import root_of

from glasswright.cli.document import document
from glasswright.cli.step import step
from glasswright.errors import ClaimFalse, DigestMismatch, Misuse
from glasswright.records.progress import silent
from glasswright.records.transcript import Span
from glasswright.records.verdict import Answer
from glasswright.store.ledger import read_ledger, write_ledger
from glasswright.verify.evidence import Evidence
from glasswright.verify.handed import check_proof
from glasswright.verify.lookup import read_document, read_step
from glasswright.verify.spans import Texts


def test_a_step_and_its_documents_lead_to_each_other(true_release: Path) -> None:
    reading = read_step(true_release, 3)
    span, row = reading.sequences[0][0]
    assert span.count > 0
    assert row.license == "CC0-1.0"
    back = read_document(true_release, row.document_id[:10])
    assert back.row == row
    assert (3, 0, span) in back.readings


def test_a_proof_leads_from_the_record_to_the_root(true_release: Path) -> None:
    proven = read_step(true_release, 5).proven
    proven.require(proven.root, "step 5")
    assert proven.proof.num_leaves == 1 + 5 + 4
    assert proven.proof.index == 8


def test_a_document_is_found_by_its_path_too(true_release: Path) -> None:
    by_path, by_place = (read_document(true_release, name) for name in ("3.txt", "texts:3.txt"))
    assert by_path == by_place == read_document(true_release, by_path.row.document_id)


def test_a_slip_in_a_path_is_told(true_release: Path) -> None:
    with pytest.raises(Misuse, match="no such document") as caught:
        read_document(true_release, "3.tx")
    assert "3.txt" in str(caught.value.hint)


def test_a_proof_leads_to_the_release_root_by_the_part(true_release: Path) -> None:
    root = root_of(true_release)
    for proven in (read_step(true_release, 5).proven, read_document(true_release, "3.txt").proven):
        proven.require(root, "record")
        assert proven.part is not None
        forged = dataclasses.replace(proven, part=dataclasses.replace(proven.part, name="weights"))
        with pytest.raises(ClaimFalse):
            forged.require(root, "record")


def test_a_row_of_a_release_is_proved_to_whoever_trusts_its_root(true_release: Path, tmp_path: Path) -> None:
    proven = read_document(true_release, "3.txt").proven
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proven.as_record()))
    assert check_proof(path, root_of(true_release)).answer is Answer.PROVED
    assert check_proof(path, proven.root).answer is Answer.PROVED
    assert check_proof(path, "0" * 64).answer is Answer.REFUTED
    path.write_text(json.dumps({**proven.as_record(), "root": "0" * 64}))
    assert check_proof(path, root_of(true_release)).answer is Answer.REFUTED


def test_a_proof_for_another_record_leads_elsewhere(true_release: Path) -> None:
    proven = read_step(true_release, 5).proven
    forged = dataclasses.replace(proven, record={**proven.record, "loss_nats": "0x00000000"})
    with pytest.raises(DigestMismatch):
        forged.require(proven.root, "step 5")


def test_a_proof_that_is_too_short_is_refused(true_release: Path) -> None:
    proven = read_step(true_release, 5).proven
    short = dataclasses.replace(proven.proof, siblings=proven.proof.siblings[:-1])
    with pytest.raises(ClaimFalse, match="fewer than the tree is deep"):
        dataclasses.replace(proven, proof=short).require(proven.root, "step 5")


def test_an_edited_step_is_not_shown_as_the_release_s(release: Path) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: events(lines, "step")[0].update(clip="0x00000000"))
    relist(release)
    with pytest.raises(ClaimFalse):
        read_step(release, 1)


def test_a_root_that_does_not_follow_is_refused(release: Path) -> None:
    change(release / "release.json", lambda top: top["parts"].update(weights="0" * 64))
    with pytest.raises(ClaimFalse, match="root"):
        read_document(release, "8c41")


def test_a_document_that_was_dropped_is_in_no_step(true_release: Path) -> None:

    dropped = next(row for row in read_ledger(true_release / "corpus" / "ledger.parquet") if not row.is_kept)
    reading = read_document(true_release, dropped.document_id)
    assert reading.split is None
    assert reading.readings == ()


@pytest.mark.parametrize("name", ["x", "", "9.text", "other:0.txt"])
def test_a_name_that_no_document_has_is_misuse(true_release: Path, name: str) -> None:
    with pytest.raises(Misuse, match=f"^{name}: no such document in"):
        read_document(true_release, name)


def test_a_step_that_is_not_there_is_misuse(true_release: Path) -> None:
    with pytest.raises(Misuse, match="steps 1 to 5"):
        read_step(true_release, 6)


def test_words_of_a_release_cannot_steer_the_terminal(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = release / "corpus" / "ledger.parquet"
    rows = read_ledger(path)
    write_ledger(path, [dataclasses.replace(row, title="\x1b[2Jgone", language="\x07") for row in rows])
    reroot(release)
    kept = next(row for row in rows if row.is_kept)
    document(release, kept.document_id)
    step(release, 1)
    shown = capsys.readouterr().out
    assert "\\x1b[2Jgone" in shown
    assert "\x1b" not in shown


def test_the_text_of_a_step_is_what_its_documents_say(true_release: Path) -> None:
    reading = read_step(true_release, 2, with_texts=True)
    carried = texts_of(true_release)
    assert reading.texts is not None
    spans = [pair for spans in reading.sequences for pair in spans]
    texts = [text for said in reading.texts for text in said]
    assert len(spans) == len(texts) > 3
    for (span, row), text in zip(spans, texts, strict=True):
        assert text in carried[row.document_id]
        if span.start == 0:
            assert carried[row.document_id].startswith(text)
    assert read_step(true_release, 2).texts is None


def texts_of(release: Path) -> dict[str, str]:
    lines = [line for path in (release / "corpus" / "documents").iterdir() for line in path.read_text().splitlines()]
    return {record["document_id"]: record["text"] for record in map(json.loads, lines)}


@pytest.mark.parametrize("value", [0, 255])
def test_tokens_that_spell_another_text_are_not_shown_as_the_document_s(release: Path, value: int) -> None:
    path = release / "tokens" / "shards" / "00000.bin"
    width = json.loads((release / "tokens" / "map.json").read_bytes())["shards"][0]["bytes_per_token"]
    data = bytearray(path.read_bytes())
    data[0 : len(data) : 40 * width] = bytes([value]) * len(data[0 : len(data) : 40 * width])
    path.write_bytes(data)
    with pytest.raises(ClaimFalse, match="spell another text|are none"):
        read_step(release, 1, with_texts=True)


def test_shards_that_are_cut_short_show_nothing(release: Path) -> None:
    def cut(record: dict[str, Any]) -> None:
        record["documents"][-1]["num_tokens"] += 2**40

    change(release / "tokens" / "map.json", cut)
    last = len(json.loads((release / "tokens" / "map.json").read_bytes())["documents"]) - 1
    with pytest.raises(ClaimFalse, match="tokens of document"):
        Texts(Evidence(release, 1, silent)).of(Span(document=last, start=0, count=1))


def test_words_that_were_read_cannot_steer_the_terminal(true_release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step(true_release, 1, with_texts=True)
    said = capsys.readouterr().out
    assert "\n  | " in said
    assert "CC0-1.0" in said
