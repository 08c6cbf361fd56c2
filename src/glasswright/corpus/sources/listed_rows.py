"""The documents in a file of a folder that lists them: JSON, JSON Lines, CSV.

    rows with a text        a document each: [{"text": ..., "license": ...}, ...], a list of texts, a CSV with a column
    JSON without one        a row that says so
    a table without one     one document, as it is written, if it is no longer than a table that somebody would read

A line that is damaged has a row; the others are read.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from glasswright.corpus.decode import decode
from glasswright.corpus.found import Found
from glasswright.corpus.sources.aside import set_aside
from glasswright.corpus.sources.json_values import NotJson, TooManyValues, parsed
from glasswright.corpus.sources.limits import MAX_DOCUMENT_BYTES
from glasswright.corpus.sources.row import row_of
from glasswright.corpus.sources.table import row_found
from glasswright.corpus.sources.text import text_document

TEXT_COLUMNS = ("text", "content", "body")  # the first of these that a table has holds its documents
DELIMITERS = ",;\t"
MAX_ROWS = 2**20  # that a spreadsheet may have
MAX_TABLE_BYTES = 2**22  # of one that is read as it is written


def json_documents(path: str, data: bytes, media_type: str) -> Iterator[Found]:
    """The rows of a JSON array, or of the lines of a file."""
    try:
        items = _items(data)
    except (TooManyValues, NotJson) as error:
        reason = "table_too_large" if isinstance(error, TooManyValues) else "document_not_readable"
        yield set_aside(path, data, media_type, reason)
        return
    column = _text_column(key for item in items if isinstance(item, dict) for key in item)
    if column is None:
        yield set_aside(path, data, media_type, "no_text")
        return
    for number, item in enumerate(items, start=1):
        if isinstance(item, NotJson):
            yield set_aside(f"{path}#{number}", item.args[0], media_type, "document_not_readable")
        else:
            values = item if isinstance(item, dict) else {}
            yield row_found(f"{path}#{number}", media_type, row_of(number, values, _raw(item)), column)


def table_documents(path: str, data: bytes, media_type: str) -> Iterator[Found]:
    """The rows of a table that has a column of texts, or the whole of another."""
    rows = _csv_rows(decode(data).text)
    try:
        header = [name.strip() for name in next(rows, [])]
        column = _text_column(header)
        if data.count(b"\n") > MAX_ROWS or (column is None and len(data) > MAX_TABLE_BYTES):
            yield set_aside(path, data, media_type, "table_too_large")
        elif column is None:
            yield text_document(path, data, media_type)
        else:
            for number, fields in enumerate(rows, start=1):
                values = dict(zip(header, fields, strict=False))
                yield row_found(f"{path}#{number}", media_type, row_of(number, values, _raw(fields)), column)
    except csv.Error:
        yield set_aside(path, data, media_type, "document_not_readable")


def _csv_rows(text: str) -> Iterator[list[str]]:
    """The rows that are not blank; what divides their fields is what the first line has most of."""
    csv.field_size_limit(MAX_DOCUMENT_BYTES)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    return (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)


def _items(data: bytes) -> list[Any]:
    """What a file lists; a line that is no JSON stands as the error with its bytes.

    Raises:  NotJson if nothing in it is JSON; TooManyValues.
    """
    try:
        value = parsed(data)
    except NotJson:
        return _lines(data)
    return [_row(item) for item in value] if isinstance(value, list) else [_row(value)]


def _lines(data: bytes) -> list[Any]:
    items = [_line(line) for line in data.splitlines() if line.strip()]
    if all(isinstance(item, NotJson) for item in items):
        raise NotJson("no line is JSON")
    return items


def _line(line: bytes) -> Any:
    try:
        return _row(parsed(line))
    except NotJson:
        return NotJson(line)


def _row(item: Any) -> Any:
    return {TEXT_COLUMNS[0]: item} if isinstance(item, str) else item


def _text_column(names: Iterable[str]) -> str | None:
    """The first of the names for a text that there is, as it is written there."""
    known = {name.lower(): name for name in names}
    return next((known[name] for name in TEXT_COLUMNS if name in known), None)


def _raw(item: Any) -> bytes:
    return json.dumps(item).encode()
