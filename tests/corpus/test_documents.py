"""A folder as people have it: every kind of document is read, and its record says with what."""

import json
from pathlib import Path

import pytest
from tests.corpus.office import notebook, pdf, word

from glasswright.corpus.sources import readers
from glasswright.records.sources import DOCUMENT_SUFFIXES

pytest.importorskip("pypdf", reason="did not run: pypdf is not installed")
pytest.importorskip("docx", reason="did not run: python-docx is not installed")

FOX, OWL, EEL = "The fox of the north sleeps.", "An owl over the river.", "Seven eels in a jar."


@pytest.fixture
def read(collected):
    """Documents of all kinds; none is taken for a repetition of another."""
    return lambda files, **source: collected(
        files,
        kind="documents",
        license="MIT",
        rules={"near_similarity": 0, "contained_share": 0, "mask_pii": False},
        **source,
    )


def test_the_pages_of_a_pdf_are_kept_apart(read):
    corpus = read({"a.pdf": pdf(FOX, OWL, title="Beasts")})
    assert {path: corpus.text(path) for path in corpus.by_path} == {"a.pdf#1": FOX, "a.pdf#2": OWL}
    assert (corpus.by_path["a.pdf#1"].title, corpus.by_path["a.pdf#1"].author) == ("Beasts", "Ada")


def test_a_page_without_text_has_a_row(read):
    corpus = read({"a.pdf": pdf(FOX, "")})
    assert (corpus.reason("a.pdf#1"), corpus.reason("a.pdf#2")) == ("kept", "empty")


def test_a_license_on_one_page_is_that_of_all(read):
    corpus = read({"a.pdf": pdf("This document is licensed under CC BY 4.0.", FOX)})
    assert {row.license for row in corpus.rows} == {"CC-BY-4.0"}


def test_a_word_file_is_read_in_order_with_its_headings_and_tables(read):
    corpus = read({"a.docx": word(FOX, OWL, heading="Beasts", rows=(("name", "legs"), ("eel", "0")))})
    assert corpus.text("a.docx") == f"## Beasts\n\n{FOX}\n\n{OWL}\n\nname | legs\neel | 0"
    assert corpus.by_path["a.docx"].author == "Ada"


def test_the_cells_of_a_notebook_are_kept_apart_and_what_they_gave_is_left_out(read):
    corpus = read({"a.ipynb": notebook(("markdown", "# Beasts"), ("code", "print(7)"), ("code", "s = '```'"))})
    assert corpus.text("a.ipynb") == "# Beasts\n\n```python\nprint(7)\n```\n\n````python\ns = '```'\n````"


def test_a_notebook_of_an_early_format_is_read(read):
    early = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1\n", "y = 2"]}]}]}
    assert read({"a.ipynb": json.dumps(early).encode()}).text("a.ipynb") == "```\nx = 1\ny = 2\n```"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_with_a_column_of_texts_is_a_document_a_row(read, delimiter: str):
    lines = (("id", "Text", "license"), ("1", f'"{FOX}\n{EEL}"', "CC0-1.0"), ("2", OWL, ""), ("3", "", ""))
    corpus = read({"a.csv": "\r\n".join(map(delimiter.join, lines)).encode()})
    assert (corpus.text("a.csv#1"), corpus.text("a.csv#2")) == (f"{FOX}\n{EEL}", OWL)
    assert [corpus.by_path[f"a.csv#{number}"].license for number in (1, 2)] == ["CC0-1.0", "MIT"]
    assert corpus.reason("a.csv#3") == "empty"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_another_table_is_read_as_it_is_written(read, name: str):
    assert read({name: b"beast,legs\nfox,4\n"}).text(name) == "beast,legs\nfox,4"


@pytest.mark.parametrize(
    "listed",
    [
        [{"text": FOX, "license": "CC0-1.0"}, {"content": EEL, "text": OWL}],
        [FOX, OWL],
        [{"body": FOX}, {"body": OWL}],
    ],
)
def test_a_list_in_json_is_a_document_an_item(read, listed: list[object]):
    corpus = read({"a.json": json.dumps(listed, indent=1).encode()})
    assert (corpus.text("a.json#1"), corpus.text("a.json#2")) == (FOX, OWL)
    assert corpus.by_path["a.json#1"].license == ("CC0-1.0" if "license" in listed[0] else "MIT")


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json"])
def test_lines_in_json_are_a_document_a_line_and_a_damaged_one_has_its_row(read, name: str):
    corpus = read({name: f'{{"text": "{FOX}"}}\n\n{{"text": \n{{"text": "{OWL}"}}\n[7]\n'.encode()})
    assert (corpus.text(f"{name}#1"), corpus.text(f"{name}#3")) == (FOX, OWL)
    assert (corpus.reason(f"{name}#2"), corpus.reason(f"{name}#4")) == ("document_not_readable", "no_text")


@pytest.mark.parametrize("data", [b'{"name": "x", "version": 1}', b"[1, 2, 3]", b"[]", b"3"])
def test_json_without_texts_has_one_row(read, data: bytes):
    assert read({"a.json": data, "b.txt": b"b"}).reason("a.json") == "no_text"


@pytest.mark.parametrize("name", ["a.tex", "a.org", "a.py", "a.R", "a.rs", "a.h", "a.sql"])
def test_code_latex_and_org_are_read_as_they_are_written(read, name: str):
    assert read({name: b"# SPDX-License-Identifier: CC0-1.0\n\tx = 1"}).by_path[name].license == "CC0-1.0"


def test_a_video_that_is_called_as_code_is_does_not_count_as_text(read):
    assert read({"a.ts": b"G@\0\x10" * 100, "b.txt": b"b"}).reason("a.ts") == "media_type_not_read"


def test_all_that_a_folder_of_texts_reads_is_read_as_well(read):
    corpus = read({"a.md": b"# A\n\nText.", "b.html": b"<p>Page.", "README": b"Read.", "c.png": b"\x89PNG"})
    assert [corpus.text(path) for path in ("a.md", "b.html", "README")] == ["# A\n\nText.", "Page.", "Read."]
    assert corpus.reason("c.png") == "media_type_not_read"


def test_what_is_hidden_or_a_program_put_there_is_not_read(read):
    files = {".env": b"KEY=1", ".venv/lib/a.py": b"x", "node_modules/b.js": b"x", "~$a.docx": b"x", "a.py": b"y = 1"}
    corpus = read(files)
    assert {path: row.reason for path, row in corpus.by_path.items()} == {
        **dict.fromkeys([".env", ".venv", "node_modules", "~$a.docx"], "hidden"),
        "a.py": "kept",
    }


def test_one_file_is_a_source_by_itself(read):
    corpus = read({"a.pdf": pdf(FOX)}, path="in/a.pdf")
    assert corpus.text("a.pdf") == FOX


def test_a_folder_of_texts_is_read_as_it_always_was(collected):
    files = {"a.py": b"x = 1", "b.pdf": pdf(FOX), "c.csv": b"a,b", ".d.txt": b"d"}
    corpus = collected(files, license="MIT")
    assert {row.path for row in corpus.rows if row.is_kept} == {".d.txt"}
    assert "readers" not in sources(corpus)


def sources(corpus) -> dict[str, object]:
    """What is recorded of the one source."""
    determined: dict[str, object] = json.loads((corpus.out / "sources.json").read_bytes())["sources"][0]["determined"]
    return determined


def test_the_versions_of_the_readers_that_were_needed_are_recorded(read):
    corpus = read({"a.pdf": pdf(FOX), "b.txt": b"b", "c.html": b"<p>c"})
    assert sources(corpus)["readers"] == readers.versions(["application/pdf", "text/html"])
    assert set(sources(corpus)["readers"]) == {"lxml", "pypdf"}
    assert all(sources(corpus)["readers"].values())


def test_without_its_package_a_kind_is_not_read_and_the_record_says_so(read, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(readers.PACKAGES, "application/pdf", "no-such-package")
    corpus = read({"a.pdf": pdf(FOX), "b.txt": b"b"})
    assert corpus.reason("a.pdf") == "reader_not_installed"
    assert sources(corpus)["readers"] == {"no-such-package": None}


def test_every_package_that_reads_is_for_a_kind_that_is_read():
    assert set(readers.PACKAGES) <= set(DOCUMENT_SUFFIXES.values())


def test_two_runs_in_other_folders_find_the_same(read, tmp_path: Path):
    files = {"a.pdf": pdf(FOX, OWL), "b.docx": word(EEL), "c.ipynb": notebook(("code", "x"))}
    first = read(files)
    (tmp_path / "out").rename(tmp_path / "first")
    assert [row.record() for row in read(files).rows] == [row.record() for row in first.rows]
