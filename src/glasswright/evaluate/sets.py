"""A task's items, read from a folder of evaluation sets within bounds.

Of --limit N, the N items are those whose places have the lowest sha256, in their order in the set: the same in every
run and for every model, and of every part of the set.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse
from glasswright.evaluate.items import Item, Malformed, Row
from glasswright.evaluate.tasks import TEXTS_TASK, Task
from glasswright.foreign import NotRead, read, walk

MAX_BYTES = 2**28
MAX_ITEMS = 1_000_000
TEXT_FILES = (".md", ".rst", ".txt")
A_SET = "--data names a folder with a folder for each set (docs/evaluate.md says which)"


def items_of(task: Task, data: Path, *, limit: int | None = None) -> list[Item]:
    """The items of a task, in the order of files and rows; with a limit, a part of them.

    Raises:  Misuse if there is no such folder, nothing in it, or a file cannot be read; Malformed naming file and row.
    """
    folder = data / task.folder
    try:
        names = [entry.path for entry in walk(folder) if entry.kind == "file" and _matches(entry.path, task.files)]
        rows = [row for name in names for row in _rows(folder, name, _right(folder, task))]
    except NotRead as error:
        raise Misuse(f"{folder}: {error}", hint=A_SET) from error
    if not rows:
        raise Misuse(f"{folder}: no item in {task.files}", hint=A_SET)
    if len(rows) > MAX_ITEMS:
        raise Misuse(f"{folder}: {len(rows):,} items, where at most {MAX_ITEMS:,} are read")
    chosen = _drawn([row.place for row in rows], limit)
    return [task.item(row) for row in rows if row.place in chosen]


def items_of_texts(folder: Path, *, limit: int | None = None) -> list[Item]:
    """The text files of a folder as items, empty ones left out.

    Raises:  as `items_of` does.
    """
    try:
        files = [entry.path for entry in walk(folder) if entry.kind == "file" and entry.path.endswith(TEXT_FILES)]
        chosen = _drawn(files, limit)
        rows = [Row(name, {"text": _text(folder, name)}) for name in files if name in chosen]
    except NotRead as error:
        raise Misuse(f"{folder}: {error}") from error
    items = [TEXTS_TASK.item(row) for row in rows if row.text("text")]
    if not items:
        raise Misuse(f"{folder}: no text", hint=f"files whose names end in {', '.join(TEXT_FILES)} are read")
    return items


def _matches(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)


def _drawn(places: list[str], limit: int | None) -> set[str]:
    by_digest = sorted(places, key=lambda place: hashlib.sha256(place.encode(errors="surrogateescape")).digest())
    return set(by_digest[:limit])


def _right(folder: Path, task: Task) -> list[str] | None:
    if not task.right:
        return None
    return _text(folder, task.right).split()


def _rows(folder: Path, name: str, right: list[str] | None) -> Iterator[Row]:
    lines = _csv_rows(folder, name) if name.endswith(".csv") else _json_rows(folder, name)
    for count, (number, fields) in enumerate(lines):
        place = f"{name}:{number}"
        if right is not None and isinstance(fields, dict):
            if count >= len(right):
                raise Malformed(f"{place}: the file that says which is right ends before it")
            fields["right"] = right[count]
        yield Row(place, fields)


def _json_rows(folder: Path, name: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(_text(folder, name).split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise Malformed(f"{name}:{number}: not JSON: {error}") from error


def _csv_rows(folder: Path, name: str) -> Iterator[tuple[int, Any]]:
    """Rows by the names of the first, which is row 1; a cell may have several lines."""
    try:
        yield from enumerate(csv.DictReader(io.StringIO(_text(folder, name)), strict=True), start=2)
    except csv.Error as error:
        raise Malformed(f"{name}: not CSV: {error}") from error


def _text(folder: Path, name: str) -> str:
    try:
        return read(name, max_bytes=MAX_BYTES, below=folder).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"{folder / name}: not UTF-8: {error}") from error
