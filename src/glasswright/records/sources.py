"""The kinds of sources that documents come from: what a recipe says of each, and which files are one by their names.

How one is opened is told beside it, in `corpus.sources.open`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SourceKind = Literal[
    "python-docs", "folder", "documents", "jsonl", "parquet", "warc", "debian", "git", "hf", "conversations",
    "preferences",
]  # fmt: skip
Material = Literal["texts", "conversations", "preferences"]  # what a model learns from


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of source."""

    files: str = ""  # what its files are called
    needs: Literal["path", "git", "hf"] | None  # the key that says where the source is
    suffixes: tuple[str, ...] = ()  # a file whose name ends so is a source of this kind
    has_rows: bool = False  # and `text` says which column holds the documents


ROWS = (".jsonl", ".json", ".jsonl.gz", ".json.gz", ".jsonl.zst", ".json.zst", ".ndjson")
KINDS: Mapping[SourceKind, Kind] = {
    "python-docs": Kind(needs=None),
    "folder": Kind(needs="path"),
    "documents": Kind(needs="path"),
    "jsonl": Kind(files="JSONL file", needs="path", suffixes=ROWS, has_rows=True),
    "parquet": Kind(files="Parquet file", needs="path", suffixes=(".parquet",), has_rows=True),
    "warc": Kind(files="web archive", needs="path", suffixes=(".warc", ".warc.gz")),
    "debian": Kind(files="Debian package", needs="path", suffixes=(".deb",)),
    "git": Kind(needs="git"),
    "hf": Kind(needs="hf", has_rows=True),
    "conversations": Kind(files="JSONL file of conversations", needs="path", suffixes=ROWS),
    "preferences": Kind(files="JSONL file of preferences", needs="path", suffixes=ROWS),
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


PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOTEBOOK = "application/x-ipynb+json"
JSON, JSON_LINES = "application/json", "application/jsonl"
CSV, TSV = "text/csv", "text/tab-separated-values"

# What is read below a folder of kind `documents`, and not of kind `folder`, whose recipes mean what they always meant.
MORE_SUFFIXES: Mapping[str, str] = {
    ".pdf": PDF,
    ".docx": WORD,
    ".docm": WORD,  # with macros, which is a reason of its own
    ".ipynb": NOTEBOOK,
    ".json": JSON,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".csv": CSV,
    ".tsv": TSV,
    ".text": "text/plain",
    ".tex": "text/x-tex",
    ".org": "text/x-org",
    **dict.fromkeys((".c", ".h"), "text/x-c"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hh", ".hpp"), "text/x-c++"),
    ".cs": "text/x-csharp",
    ".go": "text/x-go",
    ".hs": "text/x-haskell",
    ".java": "text/x-java",
    ".jl": "text/x-julia",
    **dict.fromkeys((".js", ".mjs", ".jsx"), "text/javascript"),
    **dict.fromkeys((".ts", ".tsx"), "text/x-typescript"),
    ".kt": "text/x-kotlin",
    ".lua": "text/x-lua",
    ".ml": "text/x-ocaml",
    ".php": "text/x-php",
    **dict.fromkeys((".pl", ".pm"), "text/x-perl"),
    **dict.fromkeys((".py", ".pyi"), "text/x-python"),
    ".r": "text/x-r",
    ".rb": "text/x-ruby",
    ".rs": "text/x-rust",
    ".scala": "text/x-scala",
    **dict.fromkeys((".sh", ".bash"), "text/x-sh"),
    ".sql": "text/x-sql",
    ".swift": "text/x-swift",
}
DOCUMENT_SUFFIXES: Mapping[str, str] = {**TEXT_SUFFIXES, **MORE_SUFFIXES}


def learned_from(kind: SourceKind) -> Material:
    """What the documents of a kind of source are."""
    return kind if kind in ("conversations", "preferences") else "texts"


def kind_of_file(name: str) -> SourceKind | None:
    """The kind of source that a file is by the end of its name, if it is one; of rows, one that holds a text each."""
    return next((kind for kind, it in KINDS.items() if it.suffixes and name.lower().endswith(it.suffixes)), None)


def is_document(name: str) -> bool:
    """Whether a file by itself is a source of the kind `documents`; one of JSON lines is of a kind of its own."""
    suffix = "." + name.lower().rpartition(".")[2]
    return suffix in DOCUMENT_SUFFIXES and DOCUMENT_SUFFIXES[suffix] != JSON_LINES
