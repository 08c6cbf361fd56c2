"""Documents as rows: JSONL (plain, .gz, .zst) and Parquet, in the shapes corpora are passed around in.

    Dolma          {"id", "text", "source", "added", "created", "metadata": {...}}
    datatrove      {"text", "id", "metadata": {...}}
    Common Pile    {"id", "text", "source", "created", "added", "metadata": {"license", "author", ...}}

`text`, or the column that the recipe names, is the document. `title`, `author`, `language` and `license` are looked up
in the row, then in its `metadata`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from glasswright.corpus.decode import clean, decode, without_surrogates
from glasswright.corpus.evidence.grants import expression_of
from glasswright.corpus.found import Found, Inventory, Nearness, Opened, Statement
from glasswright.corpus.sources.containers import open_containers
from glasswright.corpus.sources.files import Entry, open_entry
from glasswright.corpus.sources.streams import DAMAGED, FETCH_AGAIN, Hashed, unpacked
from glasswright.corpus.sources.surroundings import Surroundings
from glasswright.errors import Misuse

SUFFIXES = {
    "jsonl": (".jsonl", ".json", ".jsonl.gz", ".json.gz", ".jsonl.zst", ".json.zst", ".ndjson"),
    "parquet": (".parquet",),
}
TEXT = "text"  # the column that holds the document, unless the recipe names another
PARQUET = "application/vnd.apache.parquet"
LFS_POINTER = b"version https://git-lfs"
MAX_LINE_BYTES = 256 * 2**20
ROWS_AT_ONCE = 256
KEYS = {
    "title": ("title",),
    "author": ("author", "authors"),
    "language": ("language", "lang"),
    "license": ("license", "licence", "licenses", "detected_licenses"),
}


def open_tables(root: Path, *, kind: str, uri: str, include: tuple[str, ...], column: str = TEXT) -> Opened:
    """The rows of one file, or of every file of the kind below a folder."""
    documents = TableReader(column=column, surroundings=Surroundings.below(root) if root.is_dir() else None)
    return open_containers(
        root, uri=uri, include=include, what=f"{kind} file", suffixes=SUFFIXES[kind], documents=documents
    )


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

    Raises:  Misuse if a file is damaged, or has no such column.
    """
    with open_entry(entry) as file:
        hashed = Hashed(entry, file, inventory)
        if entry.path.lower().endswith(".parquet"):
            yield from _parquet_rows(entry, hashed, column)
        else:
            yield from _json_rows(entry, hashed, column)
        hashed.finish()


def _json_rows(entry: Entry, file: Hashed, column: str) -> Iterator[Found]:
    number = 0
    columns: dict[str, None] = {}  # of the first row
    has_column = False
    try:
        lines = unpacked(entry, file)
        while line := lines.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise Misuse(
                    f"{entry.place}:{number}: the line is longer than {MAX_LINE_BYTES // 2**20} MiB",
                    hint="one document a line; is this a JSON Lines file?",
                )
            if line.strip():
                row, num_replaced = _object(entry, number, line)
                columns = columns or dict.fromkeys(row)
                has_column = has_column or column in row
                yield _found(
                    entry, number, row, column, raw=line, num_replaced=num_replaced, media_type="application/jsonl"
                )
    except DAMAGED as error:
        raise Misuse(
            f"{entry.place}: damaged after line {number}: {error}",
            hint=FETCH_AGAIN,
        ) from error
    if columns and not has_column:
        raise _no_column(entry, column, columns)


def _object(entry: Entry, number: int, line: bytes) -> tuple[dict[str, Any], int]:
    """The row of a line, and how many of its characters were not UTF-8."""
    decoded = decode(line.rstrip(b"\r\n"))
    try:
        row = json.loads(decoded.text)
    except (ValueError, RecursionError) as error:
        hint = "expected one JSON object a line; `include` names the files to read, where others lie beside them"
        if line.startswith(LFS_POINTER):
            hint = "this stands for a file in large file storage: `git lfs pull` fetches it"
        raise Misuse(f"{entry.place}:{number}: not JSON: {error}", hint=hint) from error
    if not isinstance(row, dict):
        raise Misuse(
            f"{entry.place}:{number}: expected a JSON object, found {type(row).__name__}",
            hint='one document a line: {"id": ..., "text": ..., "metadata": {...}}',
        )
    return row, decoded.num_replaced


def _parquet_rows(entry: Entry, hashed: Hashed, column: str) -> Iterator[Found]:
    """The rows; the file is hashed as they come."""
    try:
        with open_entry(entry) as file:
            table = pq.ParquetFile(file)
            if column not in table.schema_arrow.names:
                raise _no_column(entry, column, table.schema_arrow.names)
            number = 0
            for batch in table.iter_batches(batch_size=ROWS_AT_ONCE):
                for row in batch.to_pylist():
                    number += 1
                    raw = json.dumps(row, sort_keys=True, default=str).encode()
                    yield _found(entry, number, row, column, raw=raw, num_replaced=0, media_type=PARQUET)
                hashed.reach(entry.num_bytes * number // table.metadata.num_rows)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{entry.place}: cannot be read as Parquet: {error}", hint=FETCH_AGAIN) from error


def _no_column(entry: Entry, column: str, columns: Iterable[str]) -> Misuse:
    return Misuse(
        f"{entry.place}: no column {column!r}: it has {', '.join(columns)}",
        hint="say in the recipe which one holds the documents: text: NAME",
    )


def _found(
    entry: Entry, number: int, row: Mapping[str, Any], column: str, *, raw: bytes, num_replaced: int, media_type: str
) -> Found:
    metadata = _metadata(row)
    text, escaped = _document(row.get(column))
    return Found(
        path=f"{entry.path}#{number}",
        media_type=media_type,
        text=text,
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        num_raw_bytes=len(raw),
        num_replaced=num_replaced + escaped,
        title=_word(row, metadata, "title"),
        author=_word(row, metadata, "author"),
        language=_word(row, metadata, "language"),
        statements=_stated(row, metadata),
        reason=None if text is not None else "no_text",
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
        try:
            value = json.loads(value)
        except ValueError:
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
