"""An e-book's pages in reading order, and archives that are not what they seem."""

import io
import zipfile

import pytest

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


def book(second_page: str = "text/b.xhtml", **more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("EPUB/content.opf", PACKAGE % (RIGHTS, second_page))
        for name in ("a", "b"):
            archive.writestr(f"EPUB/text/{name}.xhtml", PAGE % (name.upper(), name))
        for name, data in more.items():
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
    corpus = collected({"bomb.epub": book(zeros=bytes(2**24)), "a.txt": b"a"}, license="MIT")
    assert corpus.reason("bomb.epub") == "archive_too_large"


def test_a_page_outside_the_archive_is_not_read(collected):
    corpus = collected({"sly.epub": book("../../b.html"), "b.html": b"<p>outside</p>"}, license="MIT")
    assert corpus.reason("sly.epub") == "archive_not_readable"
    assert list(corpus.texts.values()) == ["outside"]
