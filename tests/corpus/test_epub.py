"""An e-book's pages in reading order, and archives that are not what they seem."""

import hashlib
import io
import os
import zipfile

import pytest

from glasswright.corpus.sources import archive, epub

CONTAINER = b"""<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="EPUB/content.opf"/></rootfiles></container>"""
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
<dc:title>Tales</dc:title><dc:creator>A. Body</dc:creator><dc:language>en</dc:language>
<dc:rights>%s</dc:rights></metadata>
<manifest><item id="b" href="%s" media-type="application/xhtml+xml"/>
<item id="a" href="text/a.xhtml" media-type="application/xhtml+xml"/>
<item id="c" href="pic.png" media-type="image/png"/></manifest>
<spine><itemref idref="b"/><itemref idref="a"/><itemref idref="c"/></spine></package>"""
PAGE = "<html xmlns='http://www.w3.org/1999/xhtml'><body><h2>%s</h2><p>Words of %s.</p></body></html>"
RIGHTS = "This work is licensed under CC BY-SA 4.0."


def book(second_page: str = "text/b.xhtml", more: dict[str, bytes | str] | None = None) -> bytes:
    files: dict[str, bytes | str] = {
        "META-INF/container.xml": CONTAINER,
        "EPUB/content.opf": PACKAGE % (RIGHTS, second_page),
        **{f"EPUB/text/{name}.xhtml": PAGE % (name.upper(), name) for name in ("a", "b")},
        **(more or {}),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_the_pages_of_a_book_are_documents_under_its_rights(collected):
    corpus = collected({"tales.epub": book()})
    row = corpus.by_path["tales.epub/EPUB/text/a.xhtml"]
    assert (row.title, row.author, row.language, row.license) == ("A", "A. Body", "en", "CC-BY-SA-4.0")
    assert row.license_evidence == "tales.epub, dc:rights of the package"
    assert corpus.text(row.path) == "A\n\nWords of a."
    assert len(corpus.rows) == 2


@pytest.mark.parametrize("data", [b"not a zip", book()[:200], b"PK\x05\x06" + bytes(18)])
def test_a_damaged_book_is_set_aside(collected, data: bytes):
    corpus = collected({"bad.epub": data, "a.txt": b"a"}, license="MIT")
    assert corpus.reason("bad.epub") == "archive_not_readable"


def test_a_zip_bomb_is_not_unpacked(collected):
    corpus = collected({"bomb.epub": book(more={"zeros": bytes(2**24)}), "a.txt": b"a"}, license="MIT")
    assert corpus.reason("bomb.epub") == "archive_too_large"


def test_a_page_outside_the_archive_is_not_read(collected):
    corpus = collected({"sly.epub": book("../../b.html"), "b.html": b"<p>outside</p>"}, license="MIT")
    assert corpus.reason("sly.epub") == "archive_not_readable"
    assert list(corpus.texts.values()) == ["outside"]


def test_a_bomb_that_states_a_small_size_is_not_unpacked_beyond_it(collected):
    honest = 2**24
    data = book(more={"EPUB/text/b.xhtml": bytes(honest)})
    lying = data.replace(honest.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying.count((1000).to_bytes(4, "little")) >= 2  # in the file's header and in the directory
    corpus = collected({"bomb.epub": lying, "a.txt": b"a"}, license="MIT")
    assert corpus.reason("bomb.epub") == "archive_not_readable"


def test_a_page_that_the_spine_lists_a_thousand_times_is_one_page(collected):
    package = (PACKAGE % (RIGHTS, "text/b.xhtml")).replace('<itemref idref="a"/>', '<itemref idref="a"/>' * 1000)
    corpus = collected({"many.epub": book(more={"EPUB/content.opf": package})})
    assert len(corpus.rows) == 2


LAUGHTER = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BILLION = f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHTER}]>'


@pytest.mark.parametrize("name", ["META-INF/container.xml", "EPUB/content.opf", "EPUB/text/b.xhtml"])
def test_a_billion_laughs_are_not_expanded(collected, name: str):
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>Words &a9;</p></body></html>"
    original = {"META-INF/container.xml": CONTAINER.decode(), "EPUB/content.opf": PACKAGE % ("&a9;", "text/b.xhtml")}
    bomb = book(more={name: BILLION + original.get(name, page)})
    corpus = collected({"bomb.epub": bomb, "a.txt": b"kept"}, license="MIT")
    assert "haha" not in "".join(corpus.texts.values())
    assert {row.reason for row in corpus.rows} <= {"kept", "archive_not_readable"}
    assert all(len(row.license or "") < 100 for row in corpus.rows)


@pytest.mark.parametrize("name", ["META-INF/container.xml", "EPUB/content.opf"])
def test_a_deep_package_is_set_aside(collected, name: str):
    deep = "<a>" * 100_000 + "</a>" * 100_000
    padding = {"picture": os.urandom(20_000)}  # that packs badly, or it would be taken for a bomb
    corpus = collected({"deep.epub": book(more={name: deep, **padding}), "a.txt": b"a"}, license="MIT")
    assert corpus.reason("deep.epub") == "archive_not_readable"


def repacked(data: bytes, method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return buffer.getvalue()


@pytest.mark.parametrize(("method", "is_read"), [(0, True), (zipfile.ZIP_BZIP2, False), (zipfile.ZIP_LZMA, False)])
def test_a_book_is_packed_as_the_standard_says_or_not_read(collected, method: int, is_read: bool):
    """LZMA states how much memory it takes, and what it raises is no error of an archive."""
    corpus = collected({"b.epub": repacked(book(), method), "a.txt": b"a"}, license="MIT")
    assert ("b.epub" in corpus.by_path) is not is_read


@pytest.mark.parametrize(
    "container", [b"<container/>", b"<container><rootfile/></container>", b"<!--x--><a><rootfile full-path='no'/></a>"]
)
def test_a_book_without_a_package_is_set_aside(collected, container: bytes):
    corpus = collected({"b.epub": book(more={"META-INF/container.xml": container}), "a.txt": b"a"}, license="MIT")
    assert corpus.reason("b.epub") == "archive_not_readable"


def test_a_page_too_long_for_one_has_a_row_and_the_others_are_read(collected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(epub, "MAX_MARKUP_BYTES", 2**16)
    long = PAGE % ("B", "x" * 2**16)
    padding = os.urandom(2**12)
    corpus = collected({"b.epub": book(more={"EPUB/text/b.xhtml": long, "noise": padding})})
    assert corpus.reason("b.epub/EPUB/text/b.xhtml") == "file_too_large"
    assert corpus.by_path["b.epub/EPUB/text/b.xhtml"].sha256 == hashlib.sha256(long.encode()).hexdigest()
    assert corpus.reason("b.epub/EPUB/text/a.xhtml") == "kept"


@pytest.mark.parametrize("name", ["META-INF/container.xml", "EPUB/content.opf"])
def test_a_package_too_long_for_one_is_set_aside(collected, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr(epub, "MAX_MARKUP_BYTES", 2**16)
    original = {"META-INF/container.xml": CONTAINER.decode(), "EPUB/content.opf": PACKAGE % (RIGHTS, "text/b.xhtml")}
    data = book(more={name: original[name] + " " * 2**16, "noise": os.urandom(2**12)})
    corpus = collected({"b.epub": data, "a.txt": b"a"}, license="MIT")
    assert corpus.reason("b.epub") == "archive_not_readable"


def test_members_without_end_are_not_listed(collected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 100)
    data = book(more={str(number): os.urandom(10) for number in range(100)})
    corpus = collected({"b.epub": data, "a.txt": b"a"}, license="MIT")
    assert corpus.reason("b.epub") == "archive_too_large"
