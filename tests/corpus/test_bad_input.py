"""Sources that change, vanish or lie: each refused with its name, and what was seen always adds up."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from glasswright.corpus.found import Inventory
from glasswright.corpus.sources import folder, table
from glasswright.corpus.sources.files import Entry, spelled, walk
from glasswright.corpus.sources.folder import open_folder
from glasswright.corpus.sources.streams import Hashed
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


@pytest.mark.parametrize("become", ["a folder", "a pipe", "a link"])
def test_a_file_that_becomes_something_else_is_named_and_not_waited_for(tmp_path: Path, become: str):
    (tmp_path / "in").mkdir()
    place = tmp_path / "in" / "a.txt"
    place.write_text("words")
    opened = open_folder(tmp_path / "in", uri="x", include=())
    place.unlink()
    if become == "a folder":
        place.mkdir()
    elif become == "a pipe":
        os.mkfifo(place)
    else:
        (tmp_path / "secret.txt").write_text("secret")
        place.symlink_to("../secret.txt")
    with pytest.raises(Misuse, match=r"a.txt: (is no longer a file|cannot be read: Too many levels)"):
        list(opened.read(opened.files, Inventory()))


@pytest.mark.skipif(os.geteuid() == 0, reason="did not run: root may read every file")
def test_a_file_that_may_not_be_read_is_named(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.txt").touch(mode=0)
    with pytest.raises(Misuse, match=r"b.txt: cannot be read: Permission denied"):
        collected({"a.txt": b"a"}, license="MIT")


def test_a_huge_line_is_an_error_that_names_it(collected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(table, "MAX_LINE_BYTES", 2**20)
    with pytest.raises(Misuse, match=r"d.jsonl:2: the line is longer than 1 MiB"):
        collected({"d.jsonl": ROW + b"x" * (2**20 + 1)}, kind="jsonl")


def test_a_file_that_vanishes_in_the_middle_is_named(tmp_path: Path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("words")
    opened = open_folder(tmp_path, uri="x", include=())
    documents = opened.read(opened.files, Inventory())
    next(documents)
    (tmp_path / "b.txt").unlink()
    with pytest.raises(Misuse, match=r"b.txt: cannot be read: No such file"):
        next(documents)


def test_a_table_that_vanishes_in_the_middle_is_named(tmp_path: Path):
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(ROW)
    opened = table.open_tables(tmp_path, kind="jsonl", uri="x", include=())
    documents = opened.read(opened.files, Inventory())
    next(documents)
    (tmp_path / "b.jsonl").unlink()
    with pytest.raises(Misuse, match=r"b.jsonl: cannot be read: No such file"):
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


def test_a_pipe_a_socket_and_a_device_are_seen_and_never_waited_for(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in" / "pipe.txt")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "in" / "socket.txt"))
    special = ["pipe.txt", "socket.txt"]
    try:
        os.mknod(tmp_path / "in" / "device.txt", 0o20600, os.makedev(1, 5))
        special.append("device.txt")
    except OSError:
        pass  # only the administrator may make one
    for kind, name in (("folder", "a.txt"), ("jsonl", "a.jsonl")):
        corpus = collected({name: ROW}, kind=kind, license="MIT")
        assert {corpus.reason(path) for path in special} == {"not_a_file"}
    listening.close()


def test_a_file_that_became_a_pipe_is_refused_and_not_waited_for(tmp_path: Path):
    (tmp_path / "a.txt").write_text("words")
    opened = open_folder(tmp_path, uri="x", include=())
    (tmp_path / "a.txt").unlink()
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(Misuse, match=r"a.txt: is no longer a file"):
        list(opened.read(opened.files, Inventory()))


def test_a_file_that_became_a_link_is_refused(tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "in" / "a.txt").write_text("words")
    opened = open_folder(tmp_path / "in", uri="x", include=())
    (tmp_path / "in" / "a.txt").unlink()
    (tmp_path / "in" / "a.txt").symlink_to("../secret")
    with pytest.raises(Misuse, match=r"a.txt: cannot be read"):
        list(opened.read(opened.files, Inventory()))


@pytest.mark.skipif(os.geteuid() == 0, reason="did not run: the administrator may read every file")
def test_a_file_that_may_not_be_read_is_named(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("words")
    (tmp_path / "in" / "a.txt").chmod(0)
    with pytest.raises(Misuse, match=r"a.txt: cannot be read: Permission denied"):
        collected({}, license="MIT")


def test_a_disk_that_fails_in_the_middle_names_the_file(tmp_path: Path):
    class Failing(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(Misuse, match=r"a.jsonl: cannot be read: Input/output error"):
        Hashed(Entry(path="a.jsonl", place=tmp_path / "a.jsonl"), Failing()).read(9)  # type: ignore[arg-type]


def test_links_that_lead_round_in_circles_are_links(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.txt").symlink_to("two.txt")
    (tmp_path / "in" / "two.txt").symlink_to("one.txt")
    (tmp_path / "in" / "self").symlink_to(".")
    corpus = collected({"a.txt": b"words"}, license="MIT")
    assert {corpus.reason(path) for path in ("one.txt", "two.txt", "self")} == {"link_not_followed"}


@pytest.mark.parametrize("kind", ["jsonl", "warc", "debian"])
def test_what_is_not_of_a_sources_kind_has_its_row(collected, tmp_path: Path, kind: str):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to("/etc/hostname")
    files = {"notes.odt": b"x" * 99}
    with pytest.raises(Misuse, match=f"no {kind} file here"):
        collected(files, kind=kind)
    if kind == "jsonl":
        corpus = collected({**files, "a.jsonl": ROW}, kind=kind)
        assert corpus.reason("notes.odt") == "media_type_not_read"
        assert corpus.by_path["notes.odt"].bytes == 99
        assert corpus.reason("link") == "link_leaves_source"


def test_a_name_that_is_not_utf8_or_breaks_the_line_is_a_name(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    for name in (b"caf\xe9.txt", b"two\nlines.txt", b"back\\slash.txt"):
        (tmp_path / "in" / os.fsdecode(name)).write_text(repr(name))
    corpus = collected({}, license="MIT")
    assert set(corpus.by_path) == {"caf\\xe9.txt", "two\nlines.txt", "back\\\\slash.txt"}
    assert all(row.is_kept for row in corpus.rows)


def test_every_name_is_spelled_in_its_own_way():
    names = [b"\xff", b"\\xff", b"\\\xff", b"\xc3\xa9", b"\xe9"]
    assert len({spelled(name) for name in names}) == len(names)


def test_names_that_differ_in_case_or_accents_alone_are_two_documents(collected):
    files = {"A.txt": b"one", "a.txt": b"two", "caf\u00e9.txt": b"three", "cafe\u0301.txt": b"four"}
    assert len(collected(files, license="MIT").texts) == 4


def test_bytes_that_are_no_text_are_no_document(collected):
    corpus = collected({"a.txt": b"words", "b.txt": b"GIF89a\0\0", "README": b"\x7fELF\0"}, license="MIT")
    assert {corpus.reason("b.txt"), corpus.reason("README")} == {"not_text"}


def test_utf16_with_its_mark_is_read_and_without_it_is_no_text(collected):
    words = "Grüße aus Köln."
    files = {"le.txt": b"\xff\xfe" + words.encode("utf-16-le"), "bare.txt": "more".encode("utf-16-le")}
    corpus = collected(files, license="MIT")
    assert corpus.text("le.txt") == words
    assert corpus.reason("bare.txt") == "not_text"


def test_encodings_mixed_in_one_file_are_counted(collected):
    good, bad = "naïve ".encode() * 400, "naïve".encode("latin-1")
    corpus = collected({"few.txt": good + bad, "many.txt": good + bad * 40}, license="MIT")
    assert corpus.text("few.txt").endswith("na\ufffdve")
    assert corpus.reason("many.txt") == "too_many_replacements"


def test_a_file_of_another_kind_is_hashed_as_a_stream_and_a_text_too_large_is_not_read(
    collected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(folder, "MAX_TEXT_BYTES", 100)
    (tmp_path / "in").mkdir()
    with (tmp_path / "in" / "huge.bin").open("wb") as file:
        file.truncate(2**28)
    corpus = collected({"a.txt": b"words", "long.txt": b"x" * 101}, license="MIT")
    assert corpus.reason("long.txt") == "file_too_large"
    assert (corpus.reason("huge.bin"), corpus.by_path["huge.bin"].bytes) == ("media_type_not_read", 2**28)


def test_a_line_of_300_mb_is_refused_without_being_held(tmp_path: Path):
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write(ROW)
        file.truncate(300 * 2**20)
    opened = table.open_tables(tmp_path, kind="jsonl", uri="x", include=())
    with pytest.raises(Misuse, match=r"a.jsonl:2: the line is longer than 256 MiB"):
        list(opened.read(opened.files, Inventory()))


def _nested(depth: int) -> Iterator[tuple[str, bytes]]:
    yield "page.xhtml", b"<html><body>" + b"<div>" * depth + b"deep" + b"</div>" * depth + b"</body></html>"
    yield "page.html", b"<p>" * depth + b"deep"


def test_markup_nested_without_end_is_read_or_set_aside(collected):
    corpus = collected({**dict(_nested(100_000)), "a.txt": b"words"}, license="MIT")
    assert {corpus.reason("page.xhtml"), corpus.reason("page.html")} <= {"kept", "markup_not_readable", "empty"}


def test_rows_nested_without_end_are_refused_by_their_line(collected):
    with pytest.raises(Misuse, match=r"a.jsonl:1: not JSON"):
        collected({"a.jsonl": b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"}, kind="jsonl")


def test_a_book_whose_package_is_an_entity_bomb_is_set_aside(collected):
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{lines}]><container>&a11;</container>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("META-INF/container.xml", bomb)
    corpus = collected({"bomb.epub": buffer.getvalue(), "a.txt": b"words"}, license="MIT")
    assert corpus.reason("bomb.epub") == "archive_not_readable"


@pytest.mark.slow
def test_a_hundred_thousand_files_in_one_folder_are_all_seen(tmp_path: Path):
    for number in range(10**5):
        (tmp_path / f"{number}.txt").touch()
    entries = walk(tmp_path)
    assert len(entries) == 10**5
    assert [entry.path for entry in entries] == sorted(entry.path for entry in entries)
