"""A corpus looked into, and compared with another."""

import dataclasses
import itertools
import shutil
from pathlib import Path

import pytest

from glasswright.corpus.change import diff, remove
from glasswright.corpus.opened import FIELDS, SETTINGS, read_rows
from glasswright.corpus.view import find, query, repeated_by, summary
from glasswright.errors import Misuse
from glasswright.store.ledger import SCHEMA

FILES = {"a.txt": b"first", "b.txt": b"first", "c.txt": b"second", "d.bin": b"\x00"}


@pytest.fixture
def corpus(collected):
    return collected(FILES, license="MIT")


def ask(folder: Path, sql: str) -> list[tuple]:
    with query(folder, sql) as answers:
        return list(answers.rows)


def test_every_table_adds_up_to_what_was_seen(corpus):
    found = summary(corpus.out)
    assert (found.num_seen, found.num_kept, found.bytes_kept) == (4, 2, 11)
    for counts in found.tables.values():
        assert sum(seen for _, seen, _, _ in counts) == found.num_seen
        assert sum(kept for _, _, kept, _ in counts) == found.num_kept
        assert sum(size for _, _, _, size in counts) == found.bytes_kept


def test_the_rows_read_in_pieces_are_the_ledger_in_order(corpus):
    assert list(read_rows(corpus.out)) == corpus.rows
    assert [name.name for name in dataclasses.fields(corpus.rows[0])] == FIELDS == SCHEMA.names


def test_a_document_is_found_by_id_by_digits_and_by_path(corpus):
    row = find(corpus.out, "c.txt")
    for name in (row.document_id, row.document_id[:10], "here:c.txt"):
        assert find(corpus.out, name) == row


@pytest.mark.parametrize("name", ["z.txt", "0123456789abcdef", "", "'", "x'; DROP VIEW ledger; --"])
def test_a_document_that_is_not_there_is_an_error(corpus, name: str):
    with pytest.raises(Misuse, match="no such document"):
        find(corpus.out, name)


@pytest.mark.parametrize("name", ["chapter.txt", "deep/folder/chaptr.txt", "deep/Folder/chapter.txt"])
def test_a_slip_in_a_path_is_told(collected, name: str):
    corpus = collected({**FILES, "deep/folder/chapter.txt": b"third"}, license="MIT")
    with pytest.raises(Misuse) as raised:
        find(corpus.out, name)
    assert "here:deep/folder/chapter.txt" in str(raised.value.hint)


def test_digits_that_several_ids_begin_with_are_an_error_that_lists_them(collected):
    corpus = collected({f"{number}.txt": f"text {number}".encode() for number in range(700)}, license="MIT")
    ids = [row.document_id for row in corpus.rows]
    digits = next(first[:4] for first, second in itertools.pairwise(ids) if first[:4] == second[:4])
    with pytest.raises(Misuse, match=f"{digits}: 2 documents") as raised:
        find(corpus.out, digits)
    assert all(name[:16] in str(raised.value) for name in ids if name.startswith(digits))


def test_a_kept_document_names_those_that_repeat_it(corpus):
    kept = next(row for row in corpus.rows if row.is_kept and row.path in ("a.txt", "b.txt"))
    assert [row.reason for row in repeated_by(corpus.out, kept)] == ["exact_duplicate"]


@pytest.mark.parametrize(
    "sql",
    ["SELECT count(*) AS n FROM ledger WHERE decision = 'keep'", "WITH kept AS (FROM ledger) SELECT 2", "VALUES (2)"],
)
def test_a_query_sees_the_ledger(corpus, sql: str):
    assert ask(corpus.out, sql) == [(2,)]


def test_a_ledger_is_read_whatever_its_folder_is_called(corpus, tmp_path: Path):
    place = tmp_path / "we[i]rd *'s year=2026"
    shutil.copytree(corpus.out, place)
    assert ask(place, "SELECT count(*) FROM ledger") == [(4,)]
    assert summary(place) == summary(corpus.out)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_csv('https://example.org/a.csv')",
        "COPY ledger TO '{folder}/copy.csv'",
        "COPY (SELECT 1) TO '{folder}/ledger.parquet' (FORMAT csv, USE_TMP_FILE false)",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/ledger.parquet' (FORMAT csv, USE_TMP_FILE false)",
        "EXPORT DATABASE '{folder}/copy'",
        "ATTACH '{folder}/other.db'",
        "CREATE TABLE other AS SELECT 1",
        "DROP VIEW ledger",
        "DELETE FROM ledger",
        "SELECT 1; COPY ledger TO '{folder}/copy.csv'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT * FROM corpus",
        "SELECT nonsense FROM ledger",
        "SELEC 1",
        "",
        "-- nothing",
    ],
)
def test_a_query_reaches_nothing_else_and_changes_nothing(corpus, sql: str):
    before = {path: path.read_bytes() for path in corpus.out.rglob("*") if path.is_file()}
    with pytest.raises(Misuse, match="query:"):
        ask(corpus.out, sql.format(folder=corpus.out))
    assert {path: path.read_bytes() for path in corpus.out.rglob("*") if path.is_file()} == before


def test_a_table_of_a_query_is_no_variable_of_this_program(corpus):
    with pytest.raises(Misuse, match="Table with name folder does not exist"):
        ask(corpus.out, "SELECT * FROM folder")


def test_a_query_that_needs_more_memory_than_there_may_be_is_an_error(corpus, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(SETTINGS, "memory_limit", "100MB")
    with pytest.raises(Misuse, match="needs more than"):
        ask(corpus.out, "SELECT list(a) FROM (SELECT repeat('x', 1000) || range AS a FROM range(1000000))")


def test_equal_corpora_do_not_differ(corpus):
    assert list(diff(corpus.out, corpus.out)) == []


def test_differences_of_one_kind_stand_together_and_say_how_the_decision_went(collected, corpus, tmp_path: Path):
    before = tmp_path / "before"
    corpus.out.rename(before)
    files = {
        "c.txt": b"\n".join([b"second", b"longer"]),
        "a-new.txt": b"another",
        "e.txt": b"fifth",
        "a.txt": b"---\nlicense: CC-BY-NC-4.0\n---\nfirst",
    }
    shutil.rmtree(tmp_path / "in")
    after = collected(files, license="MIT")
    found = {difference.place: difference.kind for difference in diff(before, after.out)}
    assert found.pop("here:a.txt").endswith("-> license_not_allowed)")
    assert found["here:e.txt"] == "added (kept)"
    assert found["here:c.txt"] == "text (kept)"
    assert found["here:d.bin"] == "gone (media_type_not_read)"
    kinds = [difference.kind for difference in diff(before, after.out)]
    assert len(set(kinds)) == sum(kind != last for kind, last in zip(kinds, [None, *kinds], strict=False))


def test_the_last_document_cannot_be_removed(collected, tmp_path: Path):
    corpus = collected({"a.txt": b"a"}, license="MIT")
    with pytest.raises(Misuse, match="only document"):
        remove(corpus.out, tmp_path / "less", corpus.rows[0])


def test_a_folder_without_a_ledger_is_an_error(tmp_path: Path):
    with pytest.raises(Misuse, match="no ledger here"):
        summary(tmp_path)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(Misuse, match="does not exist"):
        summary(tmp_path / "nowhere")


@pytest.mark.parametrize("data", [b"", b"no Parquet", b"PAR1 and then nothing"])
def test_a_damaged_ledger_is_an_error_that_names_the_file(tmp_path: Path, data: bytes):
    (tmp_path / "ledger.parquet").write_bytes(data)
    with pytest.raises(Misuse, match=r"ledger\.parquet: cannot read the ledger"):
        summary(tmp_path)


def test_another_table_is_no_ledger(tmp_path: Path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"path": ["a"]}), tmp_path / "ledger.parquet")
    with pytest.raises(Misuse, match="expected the columns"):
        summary(tmp_path)
