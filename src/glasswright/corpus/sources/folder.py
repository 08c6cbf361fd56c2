"""A folder of texts: plain text, Markdown, reStructuredText, AsciiDoc, MediaWiki, HTML, XHTML, EPUB.

Every file below the folder is seen. One whose kind is not read, a license text, a page about the book and a link are
set aside with the reason.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from glasswright.corpus.decode import decode
from glasswright.corpus.evidence.statements import statements
from glasswright.corpus.evidence.tree import MAX_EVIDENCE_BYTES, Tree, is_license_file, is_license_text
from glasswright.corpus.found import Found, Inventory, Opened
from glasswright.corpus.sources import epub
from glasswright.corpus.sources.aside import set_aside, set_aside_unread
from glasswright.corpus.sources.files import Entry, entries, read, walk
from glasswright.corpus.sources.page import pages

MEDIA_TYPES = {
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".rst": "text/x-rst",
    ".adoc": "text/asciidoc",
    ".asciidoc": "text/asciidoc",
    ".asc": "text/asciidoc",
    ".mediawiki": "text/x-mediawiki",
    ".wiki": "text/x-mediawiki",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".epub": epub.MEDIA_TYPE,
}
HEADING = re.compile(r"^#{1,2}[ \t]+(\S.{0,300})$", re.MULTILINE)


def open_folder(root: Path, *, uri: str, include: tuple[str, ...]) -> Opened:
    """The documents below a folder."""
    return Opened(
        uri=uri,
        revision=None,
        files=entries(root, include),
        read=FolderReader(root),
        observed={"how": "read from a folder on this machine"},
    )


class FolderReader:
    """Gives one `Found` for every document and for every file that holds none, with what is said of its license."""

    def __init__(self, root: Path):
        self._root = root.absolute()

    def __call__(self, files: Sequence[Entry], inventory: Inventory) -> Iterator[Found]:
        for entry in files:
            if entry.reason is not None:
                yield set_aside_unread(entry, inventory)
                continue
            data = read(entry)
            inventory.add(entry.path, data)
            around = self._tree.statements(entry.path)
            for found in documents(entry.path, data):
                yield replace(found, statements=(*found.statements, *around))

    def __getstate__(self) -> dict[str, Path]:
        return {"_root": self._root}  # another process reads the evidence itself

    @cached_property
    def _tree(self) -> Tree:
        files = {entry.path: entry for entry in walk(self._root) if entry.reason is None}
        return Tree(files, lambda path: read(files[path], MAX_EVIDENCE_BYTES))


def documents(path: str, data: bytes) -> Iterator[Found]:
    """The documents in one file, with what they say themselves."""
    name = Path(path)
    media_type = MEDIA_TYPES.get(name.suffix.lower(), "application/octet-stream")
    if is_license_file(path) and is_license_text(path, decode(data).text):
        yield set_aside(path, data, "text/plain", "license_text")
    elif media_type in ("text/html", "application/xhtml+xml"):
        yield from pages(path, data, media_type)
    elif media_type == epub.MEDIA_TYPE:
        yield from epub.epub_pages(path, data)
    elif media_type.startswith("text/"):
        yield _text(path, data, media_type)
    else:
        yield set_aside(path, data, media_type, "media_type_not_read")


def _text(path: str, data: bytes, media_type: str) -> Found:
    decoded = decode(data)
    heading = HEADING.search(decoded.text) if media_type == "text/markdown" else None
    return Found(
        path=path,
        media_type=media_type,
        text=decoded.text.strip(),
        raw_sha256=hashlib.sha256(data).hexdigest(),
        num_raw_bytes=len(data),
        num_replaced=decoded.num_replaced,
        title=heading.group(1).strip("# \t") if heading else None,
        statements=tuple(statements(decoded.text)),
    )
