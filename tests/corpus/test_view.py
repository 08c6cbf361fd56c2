"""A corpus looked into, compared, and with a document taken out."""

import dataclasses
from pathlib import Path

import pytest

from glasswright.attest.merkle import root_from_proof
from glasswright.corpus.change import diff, remove
from glasswright.corpus.view import find, prove, query, repeated_by, rows_of, summary
from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes
from glasswright.store.documents import read_documents

FILES = {"a.txt": b"first", "b.txt": b"first", "c.txt": b"second", "d.bin": b"\x00"}


def test_every_table_adds_up_to_what_was_seen(collected):
    found = summary(collected(FILES, license="MIT").rows)
    assert (found.num_seen, found.num_kept, found.bytes_kept) == (4, 2, 11)
    for counts in found.tables.values():
        assert sum(seen for _, seen, _, _ in counts) == found.num_seen
        assert sum(kept for _, _, kept, _ in counts) == found.num_kept


def test_a_document_is_found_by_id_by_digits_and_by_path(collected):
    rows = collected(FILES, license="MIT").rows
    row = find(rows, "c.txt")
    assert find(rows, row.document_id) == find(rows, row.document_id[:10]) == find(rows, "here:c.txt") == row


@pytest.mark.parametrize("name", ["z.txt", "0123456789abcdef"])
def test_a_document_that_is_not_there_is_an_error(collected, name: str):
    with pytest.raises(Misuse, match="no such document"):
        find(collected(FILES, license="MIT").rows, name)


def test_a_kept_document_names_those_that_repeat_it(collected):
    rows = collected(FILES, license="MIT").rows
    kept = next(row for row in rows if row.is_kept and row.path in ("a.txt", "b.txt"))
    assert [row.reason for row in repeated_by(rows, kept)] == ["exact_duplicate"]


def test_a_query_sees_the_ledger(collected):
    answers = query(collected(FILES, license="MIT").out, "SELECT count(*) AS n FROM ledger WHERE decision = 'keep'")
    assert (answers.columns, answers.rows) == (["n"], [(2,)])


@pytest.mark.parametrize("sql", ["SELECT * FROM '/etc/passwd'", "COPY ledger TO '/tmp/x.csv'", "SELECT nonsense"])
def test_a_query_reaches_nothing_else(collected, sql: str):
    with pytest.raises(Misuse, match="query:"):
        query(collected(FILES, license="MIT").out, sql)


def test_a_proof_leads_to_the_root_and_a_changed_row_does_not(collected):
    rows = collected(FILES, license="MIT").rows
    for row in rows:
        proven = prove(rows, row)
        assert root_from_proof(canonical_bytes(row.record()), proven.proof) == proven.root
        forged = dataclasses.replace(row, license="ISC")
        assert root_from_proof(canonical_bytes(forged.record()), proven.proof) != proven.root


def test_a_removed_document_is_gone_with_those_that_repeat_it(collected, tmp_path: Path):
    corpus = collected(FILES, license="MIT")
    kept = next(row for row in corpus.rows if row.is_kept and row.path in ("a.txt", "b.txt"))
    assert remove(corpus.out, tmp_path / "less", kept) == 2
    assert [text for _, text in read_documents(tmp_path / "less" / "documents")] == ["second"]
    reasons = {row.path: row.reason for row in rows_of(tmp_path / "less")}
    assert {reasons["a.txt"], reasons["b.txt"]} == {"removed", "repeats_removed"}
    assert {found.place for found in diff(corpus.rows, rows_of(tmp_path / "less"))} == {"here:a.txt", "here:b.txt"}


def test_the_last_document_cannot_be_removed(collected, tmp_path: Path):
    corpus = collected({"a.txt": b"a"}, license="MIT")
    with pytest.raises(Misuse, match="only document"):
        remove(corpus.out, tmp_path / "less", corpus.rows[0])


def test_equal_corpora_do_not_differ(collected):
    rows = collected(FILES, license="MIT").rows
    assert diff(rows, rows) == []


def test_a_folder_without_a_ledger_is_an_error(tmp_path: Path):
    with pytest.raises(Misuse, match="no ledger here"):
        rows_of(tmp_path)
