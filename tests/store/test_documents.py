"""Texts in shards: in order, cut by size, refused when they are not documents."""

from pathlib import Path

import pytest

from glasswright.errors import Misuse
from glasswright.store import documents as module
from glasswright.store.documents import read_documents, write_documents

PAIRS = [("a", "one\ntwo"), ("b", "ä🦊\u2028"), ("c", "x" * 100)]


def test_documents_come_back(tmp_path: Path) -> None:
    write_documents(tmp_path, PAIRS)
    assert list(read_documents(tmp_path)) == PAIRS


def test_shards_are_cut_by_size_and_read_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SHARD_BYTES", 50)
    write_documents(tmp_path, PAIRS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000.jsonl", "00001.jsonl", "00002.jsonl"]
    assert list(read_documents(tmp_path)) == PAIRS


def test_shards_of_an_earlier_writing_are_gone(tmp_path: Path) -> None:
    (tmp_path / "00007.jsonl").write_text("{}")
    write_documents(tmp_path, PAIRS)
    assert list(read_documents(tmp_path)) == PAIRS


def test_a_line_that_is_no_document_is_named(tmp_path: Path) -> None:
    write_documents(tmp_path, PAIRS)
    with (tmp_path / "00000.jsonl").open("ab") as file:
        file.write(b'{"document_id": "d"}\n')
    with pytest.raises(Misuse, match=r"00000.jsonl:4: not a document"):
        list(read_documents(tmp_path))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="no documents here"):
        list(read_documents(tmp_path))
