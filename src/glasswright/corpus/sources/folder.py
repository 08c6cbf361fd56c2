"""A folder of files that people and their programs wrote, read for texts alone or for documents of all kinds.

    folder       plain text, Markdown, reStructuredText, AsciiDoc, MediaWiki, HTML, XHTML, EPUB
    documents    these; PDF, Word, notebooks, tables, JSON, LaTeX, Org, code. Hidden files are none

Every file below the folder is seen. One whose kind is not read, a license text, a page about the book and a link are
set aside with the reason.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from glasswright.corpus.decode import BYTE_ORDER_MARKS, decode
from glasswright.corpus.evidence.tree import is_license_file, is_license_text
from glasswright.corpus.found import Found, Inventory, Opened
from glasswright.corpus.sources import media, page
from glasswright.corpus.sources.aside import set_aside, set_aside_unread
from glasswright.corpus.sources.epub import epub_pages
from glasswright.corpus.sources.extracted import extracted
from glasswright.corpus.sources.files import Entry, NotRead, entries, read
from glasswright.corpus.sources.limits import MAX_DOCUMENT_BYTES
from glasswright.corpus.sources.listed_rows import json_documents, table_documents
from glasswright.corpus.sources.notebook import notebook_document
from glasswright.corpus.sources.readers import is_readable, versions
from glasswright.corpus.sources.surroundings import Surroundings
from glasswright.corpus.sources.text import text_document
from glasswright.records.sources import CSV, EPUB, JSON, JSON_LINES, MORE_SUFFIXES, NOTEBOOK, PDF, TSV, WORD

MAX_BOOK_BYTES = 512 * 2**20  # of a file with its pictures
WITH_PICTURES = frozenset([EPUB, PDF, WORD])
MAY_BE_BINARY = frozenset(MORE_SUFFIXES.values()) - {PDF, WORD}  # whatever their names say: .ts is a video as well

READ: Mapping[str, Callable[[str, bytes, str], Iterator[Found]]] = {
    **dict.fromkeys(page.MEDIA_TYPES, page.pages),
    EPUB: lambda path, data, _: epub_pages(path, data),
    PDF: extracted,
    WORD: extracted,
    NOTEBOOK: notebook_document,
    **dict.fromkeys((JSON, JSON_LINES), json_documents),
    **dict.fromkeys((CSV, TSV), table_documents),
}


def open_folder(root: Path, *, uri: str, include: tuple[str, ...]) -> Opened:
    """The texts below a folder."""
    return Opened(
        uri=uri,
        revision=None,
        files=entries(root, include),
        read=FolderReader(Surroundings.below(root)),
        observed={"how": "read from a folder on this machine"},
    )


def open_documents(root: Path, *, uri: str, include: tuple[str, ...]) -> Opened:
    """The documents below a folder, or those in one file."""
    files = entries(root, include, media.is_hidden)
    return Opened(
        uri=uri,
        revision=None,
        files=files,
        read=FolderReader(
            Surroundings.below(root) if root.is_dir() else Surroundings(list), media_type=media.document_type
        ),
        readers=versions(media.document_type(entry.path) for entry in files if entry.reason is None),
        observed={"how": "read from files on this machine"},
    )


class FolderReader:
    """Gives one `Found` for every document and for every file that holds none, with what is said of its license."""

    def __init__(self, surroundings: Surroundings, media_type: Callable[[str], str] = media.media_type):
        self._surroundings, self._media_type = surroundings, media_type

    def __call__(self, files: Sequence[Entry], inventory: Inventory) -> Iterator[Found]:
        for entry in files:
            media_type = self._media_type(entry.path)
            if reason := _unread(entry, media_type):
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
            for found in documents(entry.path, data, media_type):
                within = () if found.statements else tree.included(entry.path, found.text or "")
                yield replace(found, statements=(*found.statements, *within, *around))


def documents(path: str, data: bytes, media_type: str) -> Iterator[Found]:
    """The documents in one file, with what they say themselves."""
    if is_license_file(path) and (not PurePosixPath(path).suffix or is_license_text(path, decode(data).text)):
        yield set_aside(path, data, "text/plain", "license_text")
    elif media_type == media.UNKNOWN or (media_type in MAY_BE_BINARY and _is_binary(data)):
        yield set_aside(path, data, media.UNKNOWN, "media_type_not_read")
    elif media_type in READ:
        yield from READ[media_type](path, data, media_type)
    else:
        yield text_document(path, data, media_type)


def _is_binary(data: bytes) -> bool:
    return b"\0" in data and not any(data.startswith(mark) for mark, _ in BYTE_ORDER_MARKS)


def _unread(entry: Entry, media_type: str) -> str | None:
    """Why a file is not even read."""
    if entry.reason is not None:
        return entry.reason
    if media_type == media.UNKNOWN and not is_license_file(entry.path):
        return "media_type_not_read"
    if not is_readable(media_type):
        return "reader_not_installed"
    max_bytes = MAX_BOOK_BYTES if media_type in WITH_PICTURES else MAX_DOCUMENT_BYTES
    return "file_too_large" if entry.num_bytes > max_bytes else None
