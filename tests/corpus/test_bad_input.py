"""Sources that change, vanish or lie: each with its row or refused by name, and what was seen always adds up."""

import errno
import gzip
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import zstandard

from glasswright.corpus.found import Inventory
from glasswright.corpus.sources import files, json_values, jsonl, limits, table
from glasswright.corpus.sources.folder import open_folder
from glasswright.errors import DigestMismatch, Misuse

ROW = json.dumps({"text": "A row.", "license": "MIT"}).encode() + b"\n"
EXPANDING = b"""<!DOCTYPE html [<!ENTITY a "laughter"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "%s">]>
<html xmlns="http://www.w3.org/1999/xhtml"><body><p>Words &b; and &c; end.</p></body></html>"""


def test_entities_of_a_page_are_not_expanded(collected, tmp_path: Path):
    (tmp_path / "secret.txt").write_text("secret words")
    page = EXPANDING % (tmp_path / "secret.txt").as_uri().encode()
    corpus = collected({"a.xhtml": page, "b.txt": b"kept"}, license="MIT")
    assert "laughter" not in "".join(corpus.texts.values())
    assert "secret" not in "".join(corpus.texts.values())
    assert "Words" in corpus.text("a.xhtml")


@pytest.mark.parametrize("name", ["deep.xhtml", "deep.html"])
def test_a_page_of_a_hundred_thousand_levels_has_a_row(collected, name: str):
    page = b"<html><body>" + b"<div>" * 100_000 + b"words" + b"</div>" * 100_000 + b"</body></html>"
    corpus = collected({name: page, "a.txt": b"kept"}, license="MIT")
    assert corpus.reason(name) in ("kept", "empty", "markup_not_readable")
    assert corpus.reason("a.txt") == "kept"


def test_a_line_of_json_of_a_hundred_thousand_levels_is_named(collected):
    with pytest.raises(Misuse, match=r"d.jsonl:2: not JSON"):
        collected({"d.jsonl": ROW + b'{"text": ' + b"[" * 100_000 + b"\n"}, kind="jsonl")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_how_a_text_is_written(collected, encoding: str):
    corpus = collected({"a.txt": "Käse und Öl".encode(encoding), "README": "Früh".encode(encoding)}, license="MIT")
    assert {corpus.text("a.txt"), corpus.text("README")} == {"Käse und Öl", "Früh"}


def test_two_encodings_in_one_file_are_read_as_one_and_counted(collected):
    mixed = "Käse. ".encode() * 50 + "Öl".encode("latin-1")
    corpus = collected({"mixed.txt": mixed, "latin.txt": "Öl für Käse".encode("latin-1")}, license="MIT")
    assert corpus.text("mixed.txt").endswith("Käse. \ufffdl")
    assert corpus.reason("latin.txt") == "too_many_replacements"


def reasons(folder: Path, change: Callable[[], object], *, after: int = 0) -> dict[str, str | None]:
    """Why each file of a folder is set aside, where something changes after it was listed and `after` were read."""
    opened = open_folder(folder, uri="x", include=())
    documents = opened.read(opened.files, Inventory())
    found = list(islice(documents, after))
    change()
    return {each.path: each.reason for each in [*found, *documents]}


@pytest.mark.parametrize("become", ["a folder", "a pipe", "a link", "nothing", "another file", "a longer file"])
@pytest.mark.parametrize("name", ["b.txt", "b.bin"])
def test_a_file_that_becomes_something_else_is_set_aside_and_not_waited_for(tmp_path: Path, become: str, name: str):
    folder = tmp_path / "in"
    folder.mkdir()
    for each in ("a.txt", name):
        (folder / each).write_text("words")
    (tmp_path / "secret.txt").write_text("wards")

    def change() -> None:
        if become == "a longer file":
            with (folder / name).open("a") as file:
                file.write(" and more")
            return
        (folder / name).unlink()
        if become == "a folder":
            (folder / name).mkdir()
        elif become == "a pipe":
            os.mkfifo(folder / name)
        elif become == "a link":
            (folder / name).symlink_to("../secret.txt")
        elif become == "another file":
            shutil.copy(tmp_path / "secret.txt", folder / name)

    assert reasons(folder, change, after=1) == {"a.txt": None, name: "file_changed"}


def test_what_was_put_in_the_place_of_a_file_is_not_even_opened(tmp_path: Path):
    (tmp_path / "a.txt").write_text("words")
    (entry,) = files.walk(tmp_path)
    files.open_entry(entry).close()
    (tmp_path / "b.txt").write_text("wards")
    (tmp_path / "b.txt").replace(tmp_path / "a.txt")
    with pytest.raises(files.NotRead, match="was changed after it was listed"):
        files.open_entry(entry)


def test_a_folder_that_becomes_a_link_leads_nowhere(tmp_path: Path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    for folder in ("in/deep", "other"):
        (tmp_path / folder / "a.txt").write_text("words")

    def change() -> None:
        shutil.rmtree(tmp_path / "in" / "deep")
        (tmp_path / "in" / "deep").symlink_to("../other")

    assert reasons(tmp_path / "in", change) == {"deep/a.txt": "file_changed"}


@pytest.mark.parametrize("name", ["a.txt", "a.bin", "a.jsonl"])
def test_a_file_that_grows_without_end_while_it_is_read_is_not_read_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    (tmp_path / name).write_bytes(ROW)
    endless = Path(name)

    class Growing(io.FileIO):
        def readinto(self, buffer: Any) -> int:
            with (tmp_path / endless).open("ab") as file:
                file.write(ROW)
            num_bytes = super().readinto(buffer)
            assert isinstance(num_bytes, int)
            return num_bytes

    monkeypatch.setattr(os, "fdopen", lambda descriptor, _mode: io.BufferedReader(Growing(descriptor)))
    if name == "a.jsonl":
        opened = table.open_tables(tmp_path, kind="jsonl", uri="x", include=())
        with pytest.raises(Misuse, match=r"a.jsonl: (grows while it is read|was changed)"):
            list(opened.read(opened.files, Inventory()))
    else:
        assert reasons(tmp_path, lambda: None) == {name: "file_changed"}


@pytest.mark.parametrize("name", ["b.txt", "b.bin"])
def test_a_file_that_may_not_be_read_has_a_row(collected, monkeypatch: pytest.MonkeyPatch, name: str):
    really = os.open

    def refuse(path: Path, flags: int) -> int:
        if Path(path).name == name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return really(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    corpus = collected({"a.txt": b"a", name: b"b"}, license="MIT")
    assert (corpus.reason("a.txt"), corpus.reason(name)) == ("kept", "file_not_readable")


def test_a_license_file_that_may_not_be_read_stops_the_source(collected, monkeypatch: pytest.MonkeyPatch):
    """What it takes away is not known: nothing beside it may be kept."""
    really = os.open

    def refuse(path: Path, flags: int) -> int:
        if Path(path).name == "LICENSE":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return really(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Misuse, match=r"LICENSE: cannot be read: Input/output error"):
        collected({"a.txt": b"a", "LICENSE": b"For personal use only."}, license="MIT")


def test_a_huge_line_is_an_error_that_names_it(collected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jsonl, "MAX_LINE_BYTES", 2**20)
    with pytest.raises(Misuse, match=r"d.jsonl:2: the line is longer than 1 MiB"):
        collected({"d.jsonl": ROW + b"x" * (2**20 + 1)}, kind="jsonl")


@pytest.mark.parametrize("packed", [b"x" * 2**21, ROW * 2**16, b"{}\n" * 2**12, b"\n" * 2**21], ids=len)
@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_lines_that_grow_out_of_proportion_are_refused(
    collected, monkeypatch: pytest.MonkeyPatch, packed: bytes, suffix: str
):
    monkeypatch.setattr(limits, "FREE_BYTES", 2**20)
    data = gzip.compress(packed) if suffix == ".gz" else zstandard.compress(packed)
    with pytest.raises(Misuse, match=rf"d.jsonl{suffix}: grows out of all proportion"):
        collected({f"d.jsonl{suffix}": data}, kind="jsonl")


@pytest.mark.parametrize(
    "value", [b"[" + b"[]," * 5000 + b"[]]", b'{"a":' * 200 + b"0" + b"}" * 200, b"[1" + b",1" * 5000 + b"]"]
)
def test_a_line_of_very_many_values_is_named(collected, monkeypatch: pytest.MonkeyPatch, value: bytes):
    """A list of lists takes twenty times the memory of its line."""
    line = b'{"text": "a", "more": ' + value + b"}\n"
    assert len(collected({"d.jsonl": ROW + line}, kind="jsonl", license="MIT").rows) == 2
    for module in (json_values, jsonl):
        monkeypatch.setattr(module, "MAX_VALUES", 199)
    with pytest.raises(Misuse, match=r"d.jsonl:2: the line may hold more than 199 values"):
        collected({"d.jsonl": ROW + line}, kind="jsonl", license="MIT")


@pytest.mark.parametrize(
    "metadata", ["[" * 100_000, "{" * 100_000, '{"license": "MIT", "more": "' + "m" * 2**22 + '"}']
)
def test_metadata_that_cannot_be_read_gives_no_license(collected, metadata: str):
    line = json.dumps({"text": "a", "metadata": metadata}).encode()
    with pytest.raises(Misuse, match=r"1 license_not_(stated|spdx)"):
        collected({"d.jsonl": line}, kind="jsonl")


def test_a_table_that_vanishes_in_the_middle_is_named(tmp_path: Path):
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(ROW)
    opened = table.open_tables(tmp_path, kind="jsonl", uri="x", include=())
    documents = opened.read(opened.files, Inventory())
    next(documents)
    (tmp_path / "b.jsonl").unlink()
    with pytest.raises(Misuse, match=r"b.jsonl: is no longer what was listed: No such file"):
        next(documents)


@pytest.mark.parametrize(("kind", "name", "data"), [("folder", "a.txt", b"words"), ("jsonl", "a.jsonl", ROW)])
def test_a_source_is_held_to_the_digest_that_the_recipe_pins(collected, kind: str, name: str, data: bytes):
    first = collected({name: data}, kind=kind, license="MIT")
    (source,) = json.loads((first.out / "sources.json").read_bytes())["sources"]
    pin = source["determined"]["digest"]
    assert collected({name: data}, kind=kind, license="MIT", sha256=pin).rows == first.rows
    with pytest.raises(DigestMismatch, match="source here: recorded sha256"):
        collected({name: data.replace(b"w", b"W")}, kind=kind, license="MIT", sha256=pin)


def test_what_is_seen_is_what_is_kept_and_what_is_dropped_by_reason(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "out.txt").symlink_to("/etc/hostname")
    files = {
        "good.txt": b"kept",
        "again.txt": b"kept",
        "bad.txt": b"\xff\xfe\xfd\xff\x00",
        "bomb.epub": b"no book",
        "blank.md": b"",
        "code.bin": b"\x00",
        "utf16.txt": "words in two bytes".encode("utf-16"),
    }
    corpus = collected(files, license="MIT")
    assert {path.split("/")[0] for path in corpus.by_path} == {*files, "out.txt"}
    counts = Counter(row.decision for row in corpus.rows)
    assert counts["keep"] == len(corpus.texts)
    assert counts["keep"] + counts["drop"] == len(files) + 1
    assert all((row.reason == "kept") == row.is_kept for row in corpus.rows)
