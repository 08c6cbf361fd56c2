"""The same bytes in give the same bytes out, every document has its row, and a release gives its corpus back."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from glasswright.corpus import collect, restore
from glasswright.errors import DigestMismatch, Misuse
from glasswright.records.recipe import Recipe
from glasswright.store.ledger import read_ledger, write_ledger

FILES = {f"{number:03d}.txt": f"Document number {number % 40}.".encode() for number in range(50)}

RUN = """
import sys
from pathlib import Path
from glasswright.corpus import collect
from glasswright.records.recipe import Recipe
source = dict(name="here", kind="folder", path="in", license="MIT")
collect(Recipe(name="test", sources=[source]), base=Path(sys.argv[1]), out=Path(sys.argv[2]))
"""


def test_equal_texts_are_kept_once_under_the_lowest_id(collected):
    corpus = collected(FILES, license="MIT")
    duplicates = [row for row in corpus.rows if row.reason == "exact_duplicate"]
    assert len(duplicates) == 10
    kept = {row.document_id: row for row in corpus.rows if row.is_kept}
    for row in duplicates:
        assert row.duplicate_of is not None
        assert kept[row.duplicate_of].sha256 == row.sha256
        assert row.duplicate_of < row.document_id


def test_rows_are_ordered_by_document_id(collected):
    ids = [row.document_id for row in collected(FILES, license="MIT").rows]
    assert ids == sorted(set(ids))


def test_the_order_of_files_does_not_matter(collected, tmp_path: Path):
    first = _bytes(collected(FILES, license="MIT").out)
    shutil.rmtree(tmp_path / "in")
    shutil.rmtree(tmp_path / "out")
    assert _bytes(collected(dict(reversed(FILES.items())), license="MIT").out) == first


def test_a_changed_letter_changes_the_documents(collected, tmp_path: Path):
    first = _bytes(collected(FILES, license="MIT").out)
    shutil.rmtree(tmp_path / "out")
    assert _bytes(collected({**FILES, "000.txt": b"document number 0."}, license="MIT").out) != first


def test_locale_time_zone_hash_seed_and_folder_do_not_matter(collected, tmp_path: Path):
    first = _bytes(collected(FILES, license="MIT").out)
    environment = {**os.environ, "LC_ALL": "C", "TZ": "Asia/Kolkata", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
    command = [sys.executable, "-c", RUN, str(tmp_path), str(tmp_path / "other")]
    subprocess.run(command, check=True, env=environment, cwd="/")
    assert _bytes(tmp_path / "other") == first


def test_sources_say_what_was_read(collected):
    corpus = collected({"a.txt": b"abc", "b.txt": b"de"}, license="MIT")
    (source,) = json.loads((corpus.out / "sources.json").read_bytes())["sources"]
    assert source["determined"]["num_files"] == 2
    assert source["determined"]["bytes"] == 5
    assert source["determined"]["license_stated"] == "MIT"
    assert source["observed"]["obtained_at"]


def test_a_location_for_a_source_that_is_not_there_is_an_error(tmp_path: Path):
    recipe = Recipe(name="t", sources=[{"name": "a", "kind": "folder", "path": "x"}])  # type: ignore[list-item]
    with pytest.raises(Misuse, match="no such source"):
        collect(recipe, base=tmp_path, out=tmp_path / "out", locations={"b": tmp_path})


def test_a_location_stands_in_for_the_path(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.txt").write_text("text")
    recipe = Recipe(name="t", sources=[{"name": "a", "kind": "folder", "path": "x", "license": "MIT"}])  # type: ignore[list-item]
    collect(recipe, base=tmp_path, out=tmp_path / "out", locations={"a": tmp_path / "elsewhere"})
    assert len(read_ledger(tmp_path / "out" / "ledger.parquet")) == 1


def test_restored_from_a_release_it_is_the_same_corpus(collected, tmp_path: Path):
    corpus = collected(FILES, license="MIT")
    shutil.copytree(corpus.out, tmp_path / "release" / "corpus")
    counted = (replace(row, tokens=3 if row.is_kept else None) for row in corpus.rows)
    write_ledger(tmp_path / "release" / "corpus" / "ledger.parquet", counted)
    restore(tmp_path / "release", tmp_path / "restored")
    assert _bytes(tmp_path / "restored") == _bytes(corpus.out)


def test_a_release_without_documents_cannot_be_restored(collected, tmp_path: Path):
    shutil.copytree(collected(FILES, license="MIT").out, tmp_path / "release" / "corpus")
    shutil.rmtree(tmp_path / "release" / "corpus" / "documents")
    with pytest.raises(Misuse, match="carries no documents"):
        restore(tmp_path / "release", tmp_path / "restored")


def _drop(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


def _add(lines: list[bytes]) -> list[bytes]:
    return [*lines, b'{"document_id":"ffff","text":"x"}\n']


def _swap(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


@pytest.mark.parametrize("change", [_drop, _add, _swap])
def test_documents_that_are_not_the_ledgers_are_refused(
    collected, tmp_path: Path, change: Callable[[list[bytes]], list[bytes]]
):
    shard = _released(collected, tmp_path)
    shard.write_bytes(b"".join(change(shard.read_bytes().splitlines(keepends=True))))
    with pytest.raises(Misuse):
        restore(tmp_path / "release", tmp_path / "restored")


def test_a_changed_text_is_refused_by_its_digest(collected, tmp_path: Path):
    shard = _released(collected, tmp_path)
    shard.write_bytes(shard.read_bytes().replace(b"Document number 1.", b"Document number l."))
    with pytest.raises(DigestMismatch):
        restore(tmp_path / "release", tmp_path / "restored")


def _released(collected, tmp_path: Path) -> Path:
    shutil.copytree(collected(FILES, license="MIT").out, tmp_path / "release" / "corpus")
    return tmp_path / "release" / "corpus" / "documents" / "00000.jsonl"


def _bytes(out: Path) -> dict[str, bytes]:
    """Every file but sources.json, which holds when it was obtained."""
    return {path.name: path.read_bytes() for path in sorted(out.rglob("*.*")) if path.name != "sources.json"}
