"""Documents as rows: JSONL (plain, .gz, .zst) and Parquet, in the shapes corpora are passed around in.

    Dolma          {"id", "text", "source", "added", "created", "metadata": {...}}
    datatrove      {"text", "id", "metadata": {...}}
    Common Pile    {"id", "text", "source", "created", "added", "metadata": {"license", "author", ...}}

`text`, or the column that the recipe names, is the document. `title`, `author`, `language` and `license` are looked up
in the row, then in its `metadata`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glasswright.corpus.decode import clean, without_surrogates
from glasswright.corpus.found import Found, Inventory, Nearness, Opened, Statement
from glasswright.corpus.sources import parquet
from glasswright.corpus.sources.containers import open_containers
from glasswright.corpus.sources.files import Entry, open_entry
from glasswright.corpus.sources.jsonl import json_rows
from glasswright.corpus.sources.limits import Growth
from glasswright.corpus.sources.parquet import parquet_rows
from glasswright.corpus.sources.row import Row
from glasswright.corpus.sources.streams import Hashed
from glasswright.corpus.sources.surroundings import Surroundings
from glasswright.licenses.grants import expression_of
from glasswright.records.sources import JSON_LINES, SourceKind, kind_of_file

TEXT = "text"  # the column that holds the document, unless the recipe names another
LEDGER_BYTES = 512  # at least, that a row takes in the ledger, however short it is
MAX_METADATA_CHARS = 2**22  # of a row's metadata as a text: read, it takes up to thirty times as much memory
NOT_READ = {"license": "metadata too long to be read"}  # no license that anybody knows: the row is not kept
KEYS = {
    "title": ("title",),
    "author": ("author", "authors"),
    "language": ("language", "lang"),
    "license": ("license", "licence", "licenses", "detected_licenses"),
}


def open_tables(root: Path, *, kind: SourceKind, uri: str, include: tuple[str, ...], column: str = TEXT) -> Opened:
    """The rows of one file, or of every file of the kind below a folder."""
    documents = TableReader(column=column, surroundings=Surroundings.below(root) if root.is_dir() else None)
    return open_containers(root, kind, uri=uri, include=include, documents=documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReader:
    """Gives the rows of a file, with what the files around it state of their license."""

    column: str
    surroundings: Surroundings | None  # None where the source is one file

    def __call__(self, entry: Entry, inventory: Inventory) -> Iterator[Found]:
        around = self.surroundings.tree.statements(entry.path) if self.surroundings else ()
        for found in rows(entry, inventory, column=self.column):
            yield replace(found, statements=(*found.statements, *around))


def rows(entry: Entry, inventory: Inventory, *, column: str) -> Iterator[Found]:
    """The rows of a file, one document each.

    Raises:  Misuse if a file is damaged, has no such column, or a row larger than any document; OutOfProportion.
    """
    is_parquet = kind_of_file(entry.path) == "parquet"
    read, media_type = (parquet_rows, parquet.MEDIA_TYPE) if is_parquet else (json_rows, JSON_LINES)
    growth = Growth(entry.place, entry.num_bytes)
    with open_entry(entry) as file:
        hashed = Hashed(entry, file, inventory)
        for row in read(entry, hashed, column):
            growth.add(max(row.num_raw_bytes, LEDGER_BYTES))
            yield row_found(f"{entry.path}#{row.number}", media_type, row, column)
        hashed.finish()


def row_found(path: str, media_type: str, row: Row, column: str) -> Found:
    """The document in a row, with what the row says of it."""
    text, num_replaced = _document(row.values.get(column))
    return found_in(path, media_type, row, text, num_replaced=num_replaced, reason="no_text" if text is None else None)


def found_in(path: str, media_type: str, row: Row, text: str | None, *, num_replaced: int, reason: str | None) -> Found:
    """A document that was made from a row, with what the row says of it."""
    metadata = _metadata(row.values)
    return Found(
        path=path,
        media_type=media_type,
        text=text,
        raw_sha256=row.raw_sha256,
        num_raw_bytes=row.num_raw_bytes,
        num_replaced=row.num_replaced + num_replaced,
        title=_word(row.values, metadata, "title"),
        author=_word(row.values, metadata, "author"),
        language=_word(row.values, metadata, "language"),
        statements=_stated(row.values, metadata),
        reason=reason,
    )


def _stated(row: Mapping[str, Any], metadata: Mapping[str, Any]) -> tuple[Statement, ...]:
    stated = _word(row, metadata, "license")
    if not stated:
        return ()
    license = expression_of(stated) or stated
    return (Statement(license=license, evidence="metadata of the row", nearness=Nearness.METADATA),)


def _document(text: Any) -> tuple[str | None, int]:
    if not isinstance(text, str):
        return None, 0
    whole = without_surrogates(text)
    return clean(whole.text).strip(), whole.num_replaced


def _metadata(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row's `metadata`: an object, or an object as JSON text (as Parquet files often hold it)."""
    value = row.get("metadata")
    if isinstance(value, str):
        if len(value) > MAX_METADATA_CHARS:
            return NOT_READ
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _word(row: Mapping[str, Any], metadata: Mapping[str, Any], name: str) -> str | None:
    """The first value under one of the names for it: a text, or a list of texts joined."""
    joint = " AND " if name == "license" else ", "
    for holder in (row, metadata):
        for key in KEYS[name]:
            value = holder.get(key)
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                value = joint.join(value)
            if isinstance(value, str) and value.strip():
                return without_surrogates(value.strip()).text
    return None
