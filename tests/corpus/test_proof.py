"""A row is proved to be in the ledger, to somebody who has neither the ledger nor this code."""

import dataclasses
import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.attest.merkle import leaf_hash, root_from_proof, root_of_hashes
from glasswright.corpus.proof import leaves, ledger_root, prove
from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes
from glasswright.records.ledger import LedgerRow
from glasswright.records.verdict import Answer
from glasswright.store.ledger import write_ledger
from glasswright.verify.handed import check_proof

FILES = {f"{name}.txt": f"text {name}".encode() for name in "abcdefg"}


@pytest.fixture
def corpus(collected):
    return collected(FILES, license="MIT")


@pytest.fixture
def proof(corpus):
    """The file that is handed over, as a dictionary, and the root it is checked against."""
    return json.loads(json.dumps(prove(corpus.out, corpus.by_path["c.txt"]).as_record())), ledger_root(corpus.out)


def written(tmp_path: Path, record: object) -> Path:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(record))
    return path


def test_a_proof_leads_to_the_root_and_a_changed_row_does_not(corpus):
    root = root_of_hashes(leaf_hash(canonical_bytes(row.record())) for row in corpus.rows).hex()
    for row in corpus.rows:
        proven = prove(corpus.out, row)
        assert root_from_proof(canonical_bytes(row.record()), proven.proof) == proven.root == root
        forged = dataclasses.replace(row, license="ISC")
        assert root_from_proof(canonical_bytes(forged.record()), proven.proof) != proven.root


def test_a_row_of_another_ledger_is_not_proved(corpus):
    with pytest.raises(Misuse, match="no such row"):
        prove(corpus.out, dataclasses.replace(corpus.rows[0], title="another"))


def row_of(text: str | None, number: int) -> LedgerRow:
    texts = dict.fromkeys(["title", "author", "language", "license", "license_evidence", "jurisdiction"], text)
    return LedgerRow(
        document_id=f"{number:064x}",
        source=text or "",
        path=text or "",
        sha256="0" * 64,
        bytes=number,
        media_type="text/plain",
        license_decision="unknown",
        decision="drop",
        reason="empty",
        duplicate_of=text,
        pii_masked=number,
        tokens=number if text is None else None,
        **texts,
    )


TEXTS = st.one_of(st.none(), st.text(), st.text(alphabet='"\\\x00\x1f\x7f\n\u2028\u00e9\U0001f600/'))


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_the_leaves_written_by_column_are_those_written_row_by_row(tmp_path_factory, texts: list[str | None]):
    path = tmp_path_factory.mktemp("ledger") / "ledger.parquet"
    rows = [row_of(text, number) for number, text in enumerate(texts, start=1)]
    write_ledger(path, rows)
    assert list(leaves(path)) == [canonical_bytes(row.record()) for row in rows]


def test_a_proof_is_true_against_the_root_of_its_ledger(proof, tmp_path: Path):
    record, root = proof
    assert check_proof(written(tmp_path, record), root).answer is Answer.PROVED


def test_a_proof_can_be_followed_with_nothing_but_sha256_and_json(proof):
    """docs/release.md, "Proofs", word for word."""
    record, root = proof
    row = json.dumps(record["record"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    node = hashlib.sha256(b"\x00" + row).digest()
    index, last = record["proof"]["index"], record["proof"]["num_leaves"] - 1
    for sibling in map(bytes.fromhex, record["proof"]["siblings"]):
        if index % 2 == 1 or index == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while index % 2 == 0 and index > 0:
                index, last = index // 2, last // 2
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        index, last = index // 2, last // 2
    assert (node.hex(), last) == (root, 0)


def other_digest(digest: str) -> str:
    return hashlib.sha256(digest.encode()).hexdigest()


def spaced(digest: str) -> str:
    """The same bytes to Python's `bytes.fromhex`."""
    return f"{digest[:2]} {digest[2:]}"


FORGERIES = {
    "another license": lambda p: p["record"].update(license="CC0-1.0"),
    "kept instead of dropped": lambda p: p["record"].update(reason="removed", decision="drop"),
    "another path": lambda p: p["record"].update(path="z.txt"),
    "another text": lambda p: p["record"].update(sha256=other_digest("")),
    "another id": lambda p: p["record"].update(document_id=other_digest("")),
    "a field left out": lambda p: p["record"].pop("title"),
    "a field beyond": lambda p: p["record"].update(note="x"),
    "a field of another type": lambda p: p["record"].update(bytes="6"),
    "another sibling": lambda p: p["proof"]["siblings"].__setitem__(0, other_digest("")),
    "a sibling left out": lambda p: p["proof"]["siblings"].pop(),
    "a sibling beyond": lambda p: p["proof"]["siblings"].append(other_digest("")),
    "a sibling in another spelling": lambda p: p["proof"]["siblings"].__setitem__(0, spaced(p["proof"]["siblings"][0])),
    "siblings turned round": lambda p: p["proof"]["siblings"].reverse(),
    "another place": lambda p: p["proof"].update(index=(p["proof"]["index"] + 1) % 7),
    "a place beyond the end": lambda p: p["proof"].update(index=7),
    "a place below zero": lambda p: p["proof"].update(index=-1),
    "a place that is no number": lambda p: p["proof"].update(index=True),
    "no siblings": lambda p: p["proof"].update(index=0, num_leaves=1, siblings=[]),
    "a root of its own": lambda p: p.update(root=other_digest("")),
    "a key beyond": lambda p: p.update(note="x"),
    "no proof": lambda p: p.pop("proof"),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_proof_is_refuted(proof, tmp_path: Path, forge):
    record, root = proof
    forge(record)
    verdict = check_proof(written(tmp_path, record), root)
    assert (verdict.answer, verdict.answer.exit_code) == (Answer.REFUTED, 1)


def test_a_proof_of_another_ledger_is_refuted_although_it_is_true_of_its_own(proof, tmp_path: Path):
    record, root = proof
    assert check_proof(written(tmp_path, record), other_digest(root)).answer is Answer.REFUTED


def test_a_row_whose_id_is_not_its_own_is_refuted_although_the_ledger_has_it(corpus, tmp_path: Path):
    row = dataclasses.replace(corpus.rows[0], document_id=corpus.rows[1].document_id).record()
    root = leaf_hash(canonical_bytes(row)).hex()
    alone = {"record": row, "root": root, "proof": {"index": 0, "num_leaves": 1, "siblings": []}}
    assert check_proof(written(tmp_path, alone), root).answer is Answer.REFUTED


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"record": {}, "record": {}}', b"\xff", b"NaN", b"[" * 100_000, b"1.5", b'"text"']
)
def test_a_file_that_is_no_proof_is_refuted(proof, tmp_path: Path, data: bytes):
    (tmp_path / "proof.json").write_bytes(data)
    assert check_proof(tmp_path / "proof.json", proof[1]).answer is Answer.REFUTED


@pytest.mark.parametrize("root", ["", "12", "g" * 64, "A" * 64, "0" * 63])
def test_a_root_that_is_no_digest_is_misuse(proof, tmp_path: Path, root: str):
    with pytest.raises(Misuse, match="64 hexadecimal digits"):
        check_proof(written(tmp_path, proof[0]), root)


def test_a_proof_that_is_not_there_too_large_or_a_pipe_is_misuse(proof, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Misuse, match="a pipe, where a plain file was expected"):
        check_proof(tmp_path / "pipe", proof[1])
    with pytest.raises(Misuse, match="cannot be read"):
        check_proof(tmp_path / "nowhere.json", proof[1])
    with pytest.raises(Misuse, match="larger than any proof"):
        check_proof(written(tmp_path, "x" * 2**20), proof[1])
