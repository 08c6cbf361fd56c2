"""Evaluation sets as strings: every text in the files of a set, whatever its shape.

    .jsonl .json   every string in it, at any depth; not the keys
    .csv .tsv      every cell
    .txt           every line

Files that tell about the set (README, LICENSE, SOURCE, ...) are left out, and so is everything of another kind.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse

ABOUT = ("readme", "license", "licence", "copying", "notice", "source", "datasheet", "citation")
MAX_CELL = 2**24  # characters; the csv module refuses longer cells


def items(path: Path) -> Iterator[str]:
    """Every text of one file, or of all files below a folder, in order of path.

    Raises:  Misuse if there is no such path, no readable file below it, or one that is damaged.
    """
    if not path.exists():
        raise Misuse(
            f"{path}: no such evaluation set", hint="name a file or folder of .jsonl, .json, .csv, .tsv or .txt"
        )
    files = sorted(file for file in ([path] if path.is_file() else path.rglob("*")) if _holds_items(file))
    if not files:
        raise Misuse(f"{path}: no evaluation items", hint="expected .jsonl, .json, .csv, .tsv or .txt files")
    for file in files:
        try:
            yield from _READERS[file.suffix.lower()](file)
        except (ValueError, csv.Error) as error:
            raise Misuse(f"{file}: {error}", hint="mend the file, or leave it out of the recipe") from error


def _holds_items(file: Path) -> bool:
    return file.is_file() and file.suffix.lower() in _READERS and not file.name.lower().startswith(ABOUT)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _json_lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.isspace():
                try:
                    yield from _strings(json.loads(line))
                except json.JSONDecodeError as error:
                    raise ValueError(f"line {number}: {error}") from error


def _json(file: Path) -> Iterator[str]:
    yield from _strings(json.loads(file.read_text(encoding="utf-8-sig")))


def _table(file: Path) -> Iterator[str]:
    csv.field_size_limit(MAX_CELL)
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.reader(rows, delimiter="\t" if file.suffix.lower() == ".tsv" else ","):
            yield from row


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8-sig") as lines:
        for line in lines:
            yield line.rstrip("\n")


_READERS = {".jsonl": _json_lines, ".json": _json, ".csv": _table, ".tsv": _table, ".txt": _lines}
