"""The rows of a JSONL file, plain or packed: one object a line; or of a JSON file that is one list of objects."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any

from glasswright.corpus.decode import decode
from glasswright.corpus.sources.files import Entry
from glasswright.corpus.sources.json_values import MAX_VALUES, TooManyValues, require_few_values
from glasswright.corpus.sources.limits import MAX_DOCUMENT_BYTES
from glasswright.corpus.sources.row import Row, no_column, row_of
from glasswright.corpus.sources.streams import DAMAGED, FETCH_AGAIN, Hashed, unpacked
from glasswright.errors import Misuse

LFS_POINTER = b"version https://git-lfs"
MAX_LINE_BYTES = MAX_DOCUMENT_BYTES
MAX_LIST_BYTES = 2**27  # a list is read whole, whatever its lines
SPACE = re.compile(r"[ \t\r\n]*")
AS_LINES = "write one object a line: `jq -c '.[]' LIST.json > ROWS.jsonl`"


def json_rows(entry: Entry, file: Hashed, column: str) -> Iterator[Row]:
    """The objects in the lines of a file.

    Raises:  Misuse as `json_objects` does, and if no one has the column.
    """
    columns: dict[str, None] = {}  # of the first row
    has_column = False
    for row in json_objects(entry, file):
        columns = columns or dict.fromkeys(row.values)
        has_column = has_column or column in row.values
        yield row
    if columns and not has_column:
        raise no_column(entry, column, columns)


def json_objects(entry: Entry, file: Hashed) -> Iterator[Row]:
    """The objects in the lines of a file, or in the one list that it is, whatever their keys.

    Raises:  Misuse if one is none, or is larger than any document; OutOfProportion.
    """
    number = 0
    try:
        lines = unpacked(entry, file)
        if lines.peek(1).removeprefix(BOM_UTF8).lstrip().startswith(b"["):
            yield from _listed(entry, lines.read(MAX_LIST_BYTES + 1))
            return
        while line := lines.readline(MAX_LINE_BYTES + 1):
            number += 1
            _require_small(entry, number, line)
            if line.strip():
                values, num_replaced = _object(entry, number, line)
                yield row_of(number, values, line, num_replaced)
    except DAMAGED as error:
        raise Misuse(f"{entry.place}: damaged after line {number}: {error}", hint=FETCH_AGAIN) from error


def _listed(entry: Entry, data: bytes) -> Iterator[Row]:
    """The objects of one list, each with the digest of the text that spells it."""
    if len(data) > MAX_LIST_BYTES:
        told = f"{entry.place}: a list of more than {MAX_LIST_BYTES // 2**20} MiB"
        raise Misuse(told, hint=AS_LINES)
    try:
        require_few_values(data)
        text = data.decode("utf-8-sig")
    except TooManyValues as error:
        raise Misuse(f"{entry.place}: a list that may hold more than {MAX_VALUES} values", hint=AS_LINES) from error
    except UnicodeDecodeError as error:
        raise Misuse(f"{entry.place}: a list that is not UTF-8: {error}", hint=AS_LINES) from error
    number, at = 0, _after(text, 0, "[")
    while not (number == 0 and text.startswith("]", at)):
        number += 1
        try:
            values, end = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise Misuse(f"{entry.place}: item {number} of the list: not JSON: {error}", hint=AS_LINES) from error
        if not isinstance(values, dict):
            told = f"{entry.place}: item {number} of the list: expected an object, found {type(values).__name__}"
            raise Misuse(told, hint=AS_LINES)
        yield row_of(number, values, text[at:end].encode())
        at = _past_space(text, end)
        if not text.startswith(",", at):
            break
        at = _after(text, at, ",")
    if not text.startswith("]", at) or text[at + 1 :].strip():
        raise Misuse(f"{entry.place}: after item {number} of the list: expected `,` or the end", hint=AS_LINES)


def _after(text: str, at: int, sign: str) -> int:
    """Where what follows a sign begins, which stands behind nothing but space."""
    return _past_space(text, text.index(sign, at) + 1)


def _past_space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    assert found is not None, "it matches nothing, too"
    return found.end()


def _require_small(entry: Entry, number: int, line: bytes) -> None:
    if len(line) > MAX_LINE_BYTES:
        raise Misuse(
            f"{entry.place}:{number}: the line is longer than {MAX_LINE_BYTES // 2**20} MiB",
            hint="one document a line; is this a JSON Lines file?",
        )
    try:
        require_few_values(line)
    except TooManyValues as error:
        raise Misuse(
            f"{entry.place}:{number}: the line may hold more than {MAX_VALUES} values",
            hint="one document a line, and what is known of it; is this a JSON Lines file?",
        ) from error


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
