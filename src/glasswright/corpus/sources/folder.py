"""A folder of texts: plain text, Markdown, reStructuredText, AsciiDoc, MediaWiki, HTML, XHTML, EPUB.

Every file below the folder is seen. One whose kind is not read, a license text, a page about the book and a link are
set aside with the reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from glasswright.corpus.decode import decode
from glasswright.corpus.evidence.tree import is_license_file, is_license_text
from glasswright.corpus.found import Found, Inventory, Opened
from glasswright.corpus.sources import media, page
from glasswright.corpus.sources.aside import set_aside, set_aside_unread
from glasswright.corpus.sources.epub import epub_pages
from glasswright.corpus.sources.files import Entry, NotRead, entries, read
from glasswright.corpus.sources.limits import MAX_DOCUMENT_BYTES
from glasswright.corpus.sources.surroundings import Surroundings
from glasswright.corpus.sources.text import text_document

MAX_BOOK_BYTES = 512 * 2**20  # of an e-book with its pictures


def open_folder(root: Path, *, uri: str, include: tuple[str, ...]) -> Opened:
    """The documents below a folder."""
    return Opened(
        uri=uri,
        revision=None,
        files=entries(root, include),
        read=FolderReader(Surroundings.below(root)),
        observed={"how": "read from a folder on this machine"},
    )


class FolderReader:
    """Gives one `Found` for every document and for every file that holds none, with what is said of its license."""

    def __init__(self, surroundings: Surroundings):
        self._surroundings = surroundings

    def __call__(self, files: Sequence[Entry], inventory: Inventory) -> Iterator[Found]:
        for entry in files:
            if reason := _unread(entry):
                yield set_aside_unread(entry, inventory, reason)
                continue
            try:
                data = read(entry)
            except NotRead as error:
                yield set_aside(entry.path, b"", media.UNKNOWN, error.reason)
                continue
            inventory.add(entry.path, data)
            tree = self._surroundings.tree
            around = tree.statements(entry.path)
            for found in documents(entry.path, data):
                within = () if found.statements else tree.included(entry.path, found.text or "")
                yield replace(found, statements=(*found.statements, *within, *around))


def documents(path: str, data: bytes) -> Iterator[Found]:
    """The documents in one file, with what they say themselves."""
    media_type = media.media_type(path)
    if is_license_file(path) and (not PurePosixPath(path).suffix or is_license_text(path, decode(data).text)):
        yield set_aside(path, data, "text/plain", "license_text")
    elif media_type in page.MEDIA_TYPES:
        yield from page.pages(path, data, media_type)
    elif media_type == media.EPUB:
        yield from epub_pages(path, data)
    elif media_type == media.UNKNOWN:
        yield set_aside(path, data, media_type, "media_type_not_read")
    else:
        yield text_document(path, data, media_type)


def _unread(entry: Entry) -> str | None:
    """Why a file is not even read."""
    if entry.reason is not None:
        return entry.reason
    if media.media_type(entry.path) == media.UNKNOWN and not is_license_file(entry.path):
        return "media_type_not_read"
    max_bytes = MAX_BOOK_BYTES if media.media_type(entry.path) == media.EPUB else MAX_DOCUMENT_BYTES
    return "file_too_large" if entry.num_bytes > max_bytes else None
