"""What else lies in people's folders, by accident or by malice: each has its row and reason, and reading ends."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from tests.corpus.office import notebook, pdf, with_member, word

from glasswright.corpus.sources import archive, extracted, extracting, files, folder, json_values, listed_rows
from glasswright.errors import Unknown

pytest.importorskip("pypdf", reason="did not run: pypdf is not installed")
pytest.importorskip("docx", reason="did not run: python-docx is not installed")

KEPT = {"good.txt": b"A good text."}
CIRCLE = b"%PDF-1.4\n1 0 obj\n<< /Type /Pages /Kids [1 0 R] >>\nendobj\ntrailer<</Root 1 0 R>>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # begins the container of old and of locked office files


@pytest.fixture
def read(collected):
    """Documents of all kinds, beside one that is kept."""
    return lambda files: collected({**KEPT, **files}, kind="documents", license="MIT")


def bomb() -> bytes:
    """A Word file that would unpack to 200 MB."""
    return with_member(word("x"), "word/media/a.bin", bytes(200_000_000))


def entities() -> bytes:
    """A Word file of which every entity is ten of the one before."""
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE x [<!ENTITY e0 "0123456789">{names}]><x>&e11;</x>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word("x"))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, body if name == "word/document.xml" else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("cut.pdf", pdf("x")[:200], "document_not_readable"),
        ("empty.pdf", b"", "document_not_readable"),
        ("other.pdf", b"<html>", "document_not_readable"),
        ("circle.pdf", CIRCLE, "document_not_readable"),
        ("locked.pdf", pdf("x", password="p"), "document_encrypted"),
        ("open.pdf", pdf("x", password=""), "document_encrypted"),
        ("cut.docx", word("x")[:9000], "document_not_readable"),
        ("other.docx", b"PK\x03\x04", "document_not_readable"),
        ("epub.docx", with_member(b"", "mimetype", b"application/epub+zip"), "document_not_readable"),
        ("old.docx", OLE + b"WordDocument", "document_not_readable"),
        ("locked.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "document_encrypted"),
        ("macros.docx", with_member(word("x"), "word/vbaProject.bin", b"Sub A()"), "document_has_macros"),
        ("macros.docm", with_member(word("x"), "word/vbaProject.bin", b"Sub A()"), "document_has_macros"),
        ("bomb.docx", bomb(), "archive_too_large"),
        ("entities.docx", entities(), "document_not_readable"),
        ("other.ipynb", b"{}", "document_not_readable"),
        ("cut.ipynb", notebook(("code", "x"))[:-3], "document_not_readable"),
        ("deep.ipynb", b"[" * 100_000, "document_not_readable"),
        ("strange.ipynb", b'{"cells": [1, null, {"source": 3}, {"cell_type": []}], "metadata": 7}', "empty"),
        ("cut.json", b'[{"text": "x"}', "document_not_readable"),
        ("deep.json", b"[" * 100_000, "document_not_readable"),
        ("number.json", b"1" * 10_000, "document_not_readable"),
        ("nothing.json", b"", "document_not_readable"),
        ("nothing.csv", b"", "empty"),
        ("binary.csv", b"a,b\0", "media_type_not_read"),
        ("binary.json", b"\x93NUMPY\0", "media_type_not_read"),
        ("packed.zip", with_member(b"", "a.txt", b"x"), "media_type_not_read"),
        ("packed.tar.gz", b"\x1f\x8b\x08", "media_type_not_read"),
        ("sheet.xlsx", b"PK\x03\x04", "media_type_not_read"),
        ("macros.xlsm", with_member(b"", "xl/vbaProject.bin", b"Sub A()"), "media_type_not_read"),
        ("slides.pptx", b"PK\x03\x04", "media_type_not_read"),
        ("letter.odt", b"PK\x03\x04", "media_type_not_read"),
        ("old.doc", OLE + b"WordDocument", "media_type_not_read"),
        ("film.mp4", b"\0\0\0\x18ftyp", "media_type_not_read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_has_a_row_with_its_reason(read, name: str, data: bytes, reason: str):
    corpus = read({name: data})
    assert corpus.reason(name) == reason
    assert corpus.reason("good.txt") == "kept"


def test_half_a_surrogate_pair_is_replaced(read):
    corpus = read({"a.json": rb'["\ud800 and a longer text of many words that are read, far more than are lost" ]'})
    assert corpus.rows[0].reason in ("kept", "too_many_replacements")
    assert len(corpus.rows) == 2


def test_a_notebook_of_more_than_a_document_is_not_read(read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(folder, "MAX_DOCUMENT_BYTES", 1000)
    assert read({"a.ipynb": notebook(("code", "x" * 1000))}).reason("a.ipynb") == "file_too_large"


def test_a_pdf_with_many_pictures_may_be_larger_than_a_text(read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(folder, "MAX_DOCUMENT_BYTES", 100)
    assert read({"a.pdf": pdf("x")}).reason("a.pdf") == "kept"


def test_values_without_number_are_not_parsed(read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_values, "MAX_VALUES", 100)
    data = json.dumps(["x"] * 101).encode()
    corpus = read({"a.json": data, "b.jsonl": b'{"text": "a"}\n' * 102, "c.ipynb": data})
    assert [corpus.reason(name) for name in ("a.json", "b.jsonl", "c.ipynb")] == [
        *["table_too_large"] * 2,
        "file_too_large",
    ]


def test_a_table_of_more_rows_than_a_spreadsheet_has_one_row(read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listed_rows, "MAX_ROWS", 3)
    rows = b"text\n" + b"a\n" * 3
    corpus = read({"a.csv": rows, "b.csv": rows[:-2]})
    assert corpus.reason("a.csv") == "table_too_large"
    assert "b.csv#1" in corpus.by_path


def test_a_long_table_without_texts_has_one_row(read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listed_rows, "MAX_TABLE_BYTES", 10)
    corpus = read({"a.csv": b"a,b\n1,2\n3,4\n", "b.csv": b"text\nA longer text."})
    assert corpus.reason("a.csv") == "table_too_large"
    assert corpus.reason("b.csv#1") == "kept"


def test_an_archive_with_members_without_end_is_not_listed(read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 10)
    assert read({"a.docx": word("x")}).reason("a.docx") == "archive_too_large"


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("while True: pass", "document_takes_too_much"),
        ("x = [0]\nwhile True: x += x", "document_takes_too_much"),
        ("import os; os.kill(os.getpid(), 11)", "document_takes_too_much"),
        ("raise SystemExit(3)", "document_not_readable"),
    ],
)
def test_a_reader_that_does_not_end_or_dies_is_ended(
    read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, reason: str
):
    """As a reader would be that a file leads astray: the program is given the bounds of the true one."""
    bounds = "import sys\nfrom glasswright.foreign.bounded import bound\nsys.stdin.buffer.read()\nbound(1, 10**9)\n"
    caught = "try:\n" + "".join(f"    {line}\n" for line in program.splitlines())
    caught += """except MemoryError:\n    print('{"reason": "document_takes_too_much"}')\n"""
    (tmp_path / "led_astray.py").write_text(bounds + caught)
    monkeypatch.setattr(extracting, "__file__", str(tmp_path / "led_astray.py"))
    assert read({"a.pdf": pdf("x")}).reason("a.pdf") == reason


@pytest.mark.parametrize("program", ["import time; time.sleep(1000)", "import os; os.kill(os.getpid(), 9)"])
def test_a_busy_machine_does_not_decide_what_is_kept(
    read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
):
    """A reader that is not ended by its own bounds might have ended well elsewhere: a row would be another ledger."""
    (tmp_path / "waits.py").write_text(program)
    monkeypatch.setattr(extracting, "__file__", str(tmp_path / "waits.py"))
    monkeypatch.setattr(extracted, "PATIENCE", 0.05)
    with pytest.raises(Unknown, match=r"a.pdf: reading it did not come to an end") as caught:
        read({"a.pdf": pdf("x")})
    assert "run the same command again" in str(caught.value.hint)


def test_what_a_reader_may_take_grows_with_the_file():
    assert extracting.seconds_for(0) == extracting.FREE_SECONDS
    assert extracting.seconds_for(10**6) == extracting.FREE_SECONDS + 20
    assert extracting.seconds_for(10**12) == extracting.MAX_SECONDS


def test_a_folder_that_may_not_be_listed_has_a_row(read, monkeypatch: pytest.MonkeyPatch):
    """As root everything may be listed, so the system's answer is put in its place."""
    scandir = os.scandir

    def refused(path: str | int):
        if str(path).endswith("/closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(files.os, "scandir", refused)
    corpus = read({"closed/a.txt": b"x", "open/b.txt": b"y"})
    assert (corpus.reason("closed"), corpus.reason("open/b.txt")) == ("folder_not_readable", "kept")


def test_names_in_other_scripts_and_of_250_characters_are_read(read):
    names = ["ノート.md", "заметки.txt", "मेरा.csv", "n" * 246 + ".txt", "🦊.py", "a\u202eb.txt"]
    corpus = read({name: f"text number {number}".encode() for number, name in enumerate(names)})
    assert {corpus.reason(name) for name in names} <= {"kept", "exact_duplicate"}


def test_a_pipe_with_the_name_of_a_document_is_not_waited_for(read, tmp_path: Path):
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in" / "a.pdf")
    (tmp_path / "in" / "b.docx").symlink_to(".")
    corpus = read({})
    assert (corpus.reason("a.pdf"), corpus.reason("b.docx")) == ("not_a_file", "link_not_followed")
