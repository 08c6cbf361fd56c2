"""The kinds of sources that documents come from: what a recipe says of each, and which files are one by their names.

How one is opened is told beside it, in `corpus.sources.open`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SourceKind = Literal["python-docs", "folder", "jsonl", "parquet", "warc", "debian", "git", "hf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of source."""

    files: str = ""  # what its files are called
    needs: Literal["path", "git", "hf"] | None  # the key that says where the source is
    suffixes: tuple[str, ...] = ()  # a file whose name ends so is a source of this kind
    has_rows: bool = False  # and `text` says which column holds the documents


KINDS: Mapping[SourceKind, Kind] = {
    "python-docs": Kind(needs=None),
    "folder": Kind(needs="path"),
    "jsonl": Kind(
        files="JSONL file",
        needs="path",
        suffixes=(".jsonl", ".json", ".jsonl.gz", ".json.gz", ".jsonl.zst", ".json.zst", ".ndjson"),
        has_rows=True,
    ),
    "parquet": Kind(files="Parquet file", needs="path", suffixes=(".parquet",), has_rows=True),
    "warc": Kind(files="web archive", needs="path", suffixes=(".warc", ".warc.gz")),
    "debian": Kind(files="Debian package", needs="path", suffixes=(".deb",)),
    "git": Kind(needs="git"),
    "hf": Kind(needs="hf", has_rows=True),
}
FILE_SUFFIXES = tuple(suffix for kind in KINDS.values() for suffix in kind.suffixes)

EPUB = "application/epub+zip"
TEXT_SUFFIXES: Mapping[str, str] = {  # of the files that are read below a folder, with their media types
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
    ".epub": EPUB,
}


def kind_of_file(name: str) -> SourceKind | None:
    """The kind of source that a file is by the end of its name, if it is one."""
    return next((kind for kind, it in KINDS.items() if it.suffixes and name.lower().endswith(it.suffixes)), None)
