"""A YAML document as a tree of texts with their places: what was written, and nothing that YAML guesses from it.

YAML guesses types from looks (`no` is a country to people and false to some readers, 1e-3 a text to others, 010 eight)
and lets a document refer to itself. Here a scalar stays the text it is; the schema of the recipe says what it means.
Anchors, aliases, tags and merge keys are refused: a recipe says each thing once, where it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse
from glasswright.foreign import NotRead, TooLarge, read

MAX_BYTES = 1_000_000
MAX_DEPTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Something written in the document, with its place: line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar(Node):
    text: str
    is_plain: bool  # without quotes, not a block


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping(Node):
    items: tuple[tuple[Scalar, Node], ...]  # keys as written: a key may be there twice


class Problem(Misuse):
    """Something wrong at one place of a recipe."""

    def __init__(self, where: str, line: int, column: int, message: str, *, hint: str | None = None):
        super().__init__(f"{where}:{line}:{column}: {message}", hint=hint)


def read_document(path: Path) -> Node:
    """The one document of a YAML file.

    Raises:  Misuse for a file that cannot be read, and Problem for the first place that is not as above.
    """
    return parse_document(_read_text(path), str(path))


def parse_document(text: str, where: str) -> Node:
    """The one document of a YAML text; `where` names it in errors."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return _Reader(YAML(typ="safe", pure=True).parse(text), where).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise Problem(
            where, line, column, f"not YAML: {error.problem or error.context}", hint=_hint(text, line)
        ) from error
    except YAMLError as error:
        raise Problem(where, 1, 1, f"not YAML: {' '.join(str(error).split())}") from error


class _Reader:
    """Builds the tree from the parser's events, so that nothing is expanded before it is refused."""

    def __init__(self, events: Iterator[Any], where: str):
        self.events, self.where = events, where

    def document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if type(event).__name__ == "DocumentStartEvent":
                if root is not None:
                    raise self.problem(event, "a second document: expected one recipe in a file")
                root = self.node(next(self.events), 0)
        if root is None or root == Scalar(line=root.line, column=root.column, text="", is_plain=True):
            raise Misuse(
                f"{self.where}: the file is empty", hint="`glasswright new NAME` writes a recipe to start from"
            )
        return root

    def node(self, event: Any, depth: int) -> Node:
        kind = type(event).__name__
        place = {"line": event.start_mark.line + 1, "column": event.start_mark.column + 1}
        if kind == "AliasEvent" or event.anchor is not None:
            raise self.problem(event, f"the anchor {event.anchor!r}: anchors and aliases are not read; write it out")
        if event.tag is not None:
            raise self.problem(event, f"the tag {event.tag!r}: tags are not read; remove it")
        if depth > MAX_DEPTH:
            raise self.problem(event, f"nested more than {MAX_DEPTH} deep, deeper than any recipe")
        if kind == "ScalarEvent":
            return Scalar(**place, text=self.encodable(event), is_plain=event.style is None)
        if kind == "SequenceStartEvent":
            return Sequence(**place, items=tuple(self.node(item, depth + 1) for item in self.until("SequenceEndEvent")))
        return Mapping(**place, items=tuple(self.pair(key, depth) for key in self.until("MappingEndEvent")))

    def pair(self, event: Any, depth: int) -> tuple[Scalar, Node]:
        key = self.node(event, depth + 1)
        if not isinstance(key, Scalar):
            raise self.problem(event, "expected a word as the key, found a list or a mapping")
        if key.is_plain and key.text == "<<":
            raise self.problem(event, "a merge key: merge keys are not read; write the keys out")
        return key, self.node(next(self.events), depth + 1)

    def until(self, end: str) -> Iterator[Any]:
        while type(event := next(self.events)).__name__ != end:
            yield event

    def encodable(self, event: Any) -> str:
        try:
            event.value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.problem(event, "half of a surrogate pair, which is not a character") from error
        return str(event.value)

    def problem(self, event: Any, message: str) -> Problem:
        return Problem(self.where, event.start_mark.line + 1, event.start_mark.column + 1, message)


def _read_text(path: Path) -> str:
    try:
        data = read(path, max_bytes=MAX_BYTES)
    except TooLarge as error:
        message = f"{path}: more than {MAX_BYTES:,} bytes, larger than any recipe"
        raise Misuse(message, hint="is this the right file?") from error
    except NotRead as error:
        hint = "give the path of a recipe (`glasswright new NAME` writes one), or --documents FOLDER --license NAME"
        raise Misuse(str(error), hint=hint) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise Problem(str(path), line, column, message, hint="save the file as UTF-8") from error


def _hint(text: str, line: int) -> str | None:
    lines = text.splitlines()
    if line <= len(lines) and "\t" in lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]:
        return "YAML indents with spaces; this line begins with a tab"
    return None
