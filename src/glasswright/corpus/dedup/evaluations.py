"""Evaluation sets as items: every text in the files of a set, whatever its shape, with the place it stands at.

    .jsonl .json .parquet   every string of a row, at any depth; not the keys
    .csv .tsv               every cell
    .txt                    every line, less a number it may begin with

A question and an answer that are both too short to be searched for are put together, where a row says by the names of
its fields which is which: "The man turned on the faucet, therefore" and "water flowed from the spout." A line that
holds several texts, parted by a backslash and an n, is so many items. An address of the web is none.

Files that tell about the set (README, LICENSE, SOURCE, ...) are left out, and so is everything of another kind. What
follows a known ending does not matter: "dev.txt", "questions.txt.dev".
"""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from glasswright.corpus.quality.normalize import normalize
from glasswright.errors import Misuse

ABOUT = ("readme", "license", "licence", "copying", "notice", "source", "datasheet", "citation")
MAX_CELL = 2**24  # characters; the csv module refuses longer cells
SHORT_WORDS = 8  # what has fewer cannot be searched for alone
ASKED = "query question context context_options ctx goal premise prompt input stem".split()
ANSWERED = ["best answer", *"choices options continuation endings answer answers sol1 sol2 target output".split()]
_NUMBER = re.compile(r"^\s*\d+[.):]?\s+(?=\D)")
_PARTED = re.compile(r"\\n(?![a-z])")
_ADDRESS = re.compile(r"\s*https?://\S+\s*")


class Item(NamedTuple):
    """A text that is searched for, and where in its set it stands."""

    place: str  # file:row, from 1
    text: str


def items(path: Path) -> Iterator[Item]:
    """Every text of one file, or of all files below a folder, in order of path.

    Raises:  Misuse if there is no such path, no readable file below it, or one that is damaged.
    """
    hint = f"name a file or folder of {', '.join(sorted(_READERS))}"
    if not path.exists():
        raise Misuse(f"{path}: no such evaluation set", hint=hint)
    files = sorted(file for file in ([path] if path.is_file() else path.rglob("*")) if _holds_items(file))
    if not files:
        raise Misuse(f"{path}: no evaluation items", hint=hint)
    for file in files:
        name = file.relative_to(path).as_posix() if path.is_dir() else file.name
        try:
            for number, texts in _READERS[_kind(file)](file):
                yield from (Item(f"{name}:{number}", normalize(text).text) for text in texts if _is_item(text))
        except (ValueError, csv.Error) as error:
            raise Misuse(f"{file}: {error}", hint="mend the file, or leave it out of the recipe") from error


def _kind(file: Path) -> str:
    return next((suffix for suffix in reversed(file.suffixes) if suffix.lower() in _READERS), "").lower()


def _holds_items(file: Path) -> bool:
    return file.is_file() and bool(_kind(file)) and not file.name.lower().startswith(ABOUT)


def _is_item(text: str) -> bool:
    return bool(text.strip()) and not _ADDRESS.fullmatch(text)


_Rows = Iterator[tuple[int, Iterator[str]]]  # number from 1, texts


def _strings(value: Any) -> Iterator[str]:
    """Every string, and short questions with their short answers."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
        yield from _whole(value)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _whole(row: dict[str, Any]) -> Iterator[str]:
    """Each question with each answer, where both are too short to be searched for alone."""
    fields = {str(name).lower(): value for name, value in row.items()}
    asked, answered = ([text for name in names for text in _texts(fields.get(name))] for names in (ASKED, ANSWERED))
    for question in asked:
        for answer in answered:
            if max(len(question.split()), len(answer.split())) < SHORT_WORDS:
                yield f"{question} {answer}"


def _texts(value: Any) -> list[str]:
    """A text, or the texts of a list; of {"text": [...]}, those."""
    if isinstance(value, dict):
        return _texts(value.get("text"))
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _json_lines(file: Path) -> _Rows:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.isspace():
                try:
                    yield number, _strings(json.loads(line))
                except json.JSONDecodeError as error:
                    raise ValueError(f"line {number}: {error}") from error


def _json(file: Path) -> _Rows:
    value = json.loads(file.read_text(encoding="utf-8-sig"))
    for number, row in enumerate(value if isinstance(value, list) else [value], 1):
        yield number, _strings(row)


def _parquet(file: Path) -> _Rows:
    import pyarrow as pa
    import pyarrow.parquet

    try:
        rows = (row for batch in pa.parquet.ParquetFile(file).iter_batches() for row in batch.to_pylist())
        for number, row in enumerate(rows, 1):
            yield number, _strings(row)
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def _table(file: Path) -> _Rows:
    csv.field_size_limit(MAX_CELL)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t" if _kind(file) == ".tsv" else ",")
        head: list[str] = []
        for number, row in enumerate(rows, 1):
            head = head or row
            yield number, _cells(head, row)


def _cells(head: list[str], row: list[str]) -> Iterator[str]:
    yield from row
    yield from _whole(dict(zip(head, row, strict=False)))


def _lines(file: Path) -> _Rows:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            yield number, iter(_NUMBER.sub("", part, count=1) for part in _PARTED.split(line.rstrip("\n")))


_READERS = {
    ".jsonl": _json_lines,
    ".json": _json,
    ".parquet": _parquet,
    ".csv": _table,
    ".tsv": _table,
    ".txt": _lines,
}
