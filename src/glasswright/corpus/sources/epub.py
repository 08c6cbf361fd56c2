"""An e-book: its pages in reading order, under the rights its package states.

The archive is read in memory and never unpacked, so no path in it leads anywhere; one that would grow beyond bounds is
set aside unread.
"""

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO
from urllib.parse import unquote

from lxml import etree

from glasswright.corpus.found import Found, Nearness, Statement
from glasswright.corpus.sources.archive import has_too_many_members, is_bomb
from glasswright.corpus.sources.aside import set_aside, set_aside_stream
from glasswright.corpus.sources.limits import MAX_MARKUP_BYTES
from glasswright.corpus.sources.media import EPUB
from glasswright.corpus.sources.page import pages
from glasswright.licenses.grants import granted

PAGE_TYPES = frozenset({"application/xhtml+xml", "text/html"})
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # that an e-book may use: OCF 3.3, section 4.2
DAMAGED = (  # what an archive raises that is none, or lies
    *(zipfile.BadZipFile, zlib.error, struct.error, KeyError, EOFError, OSError),
    *(etree.XMLSyntaxError, ValueError, RuntimeError, OverflowError),
)
CONTAINER = "META-INF/container.xml"
DC = "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    pages: list[str]  # names in the archive, in reading order
    title: str | None
    author: str | None
    language: str | None
    rights: str | None


def epub_pages(path: str, data: bytes) -> Iterator[Found]:
    """The documents of an e-book, page by page; or one `Found` that says why there is none."""
    if has_too_many_members(data):
        yield set_aside(path, data, EPUB, "archive_too_large")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if is_bomb(archive, len(data)):
                yield set_aside(path, data, EPUB, "archive_too_large")
                return
            package = _package(archive)
            found = [document for name in package.pages for document in _page(path, archive, name, package)]
    except DAMAGED:
        yield set_aside(path, data, EPUB, "archive_not_readable")
        return
    yield from found or [set_aside(path, data, EPUB, "empty")]


def _page(path: str, archive: zipfile.ZipFile, name: str, package: _Package) -> Iterator[Found]:
    if archive.getinfo(name).file_size > MAX_MARKUP_BYTES:
        with _opened(archive, name) as file:
            yield set_aside_stream(f"{path}/{name}", file, "application/xhtml+xml", "file_too_large")
        return
    for found in pages(f"{path}/{name}", _read(archive, name), "application/xhtml+xml"):
        stated = found.statements
        if package.rights:
            evidence = f"{path}, dc:rights of the package"
            stated = (*stated, Statement(license=package.rights, evidence=evidence, nearness=Nearness.DOCUMENT))
        yield replace(
            found,
            title=found.title or package.title,
            author=package.author,
            language=found.language or package.language,
            statements=stated,
        )


def _package(archive: zipfile.ZipFile) -> _Package:
    container = _parse(_read(archive, CONTAINER))
    place = next((root.get("full-path") or "" for root in container.iter("{*}rootfile")), "")
    root = _parse(_read(archive, place))
    items = {item.get("id"): item for item in root.iter("{*}item")}
    spine = [items[reference.get("idref")] for reference in root.iter("{*}itemref") if reference.get("idref") in items]
    names = [
        posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(item.get("href") or "")))
        for item in spine
        if item.get("media-type") in PAGE_TYPES
    ]
    rights = " ".join(_words(root, "rights"))
    return _Package(
        pages=list(dict.fromkeys(names)),  # one that is listed twice is one page
        title=next(iter(_words(root, "title")), None),
        author=", ".join(_words(root, "creator")) or None,
        language=next(iter(_words(root, "language")), None),
        rights=granted(rights) if rights else None,
    )


def _opened(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Raises:  one of `DAMAGED`; ValueError if the member is not packed as one of an e-book may be."""
    if archive.getinfo(name).compress_type not in METHODS:
        raise ValueError(f"{name} is packed in a way that is not read")
    return archive.open(name)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Raises:  as `_opened`; ValueError if the member is too large."""
    with _opened(archive, name) as file:
        if archive.getinfo(name).file_size > MAX_MARKUP_BYTES:
            raise ValueError(f"{name} is too large")
        return file.read()


def _words(root: etree._Element, name: str) -> list[str]:
    found = (" ".join("".join(element.itertext()).split()) for element in root.iter(DC + name))
    return [words for words in found if words]


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser)
