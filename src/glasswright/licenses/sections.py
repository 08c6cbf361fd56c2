"""A license text in numbered sections, so that a clause can be cited as "1.b.v" and by line.

1. License Rights            -> "1"
   b. Redistribution         -> "1.b"
      v. You will not ...    -> "1.b.v"
2.3 Use Restrictions         -> "2.3"
Attachment A                 -> "Attachment A"
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

HEADING = re.compile(
    r"^[\s>#*_]*(?:(?P<attachment>(?:attachment|annex|appendix|exhibit|schedule)\s+[A-Z0-9]+)\b"
    r"|(?:section|article)\s+(?P<named>\d+|[IVX]+)\b"
    r"|(?P<decimal>\d+(?:\.\d+)+)\\?[.)]?\s"
    r"|(?P<number>\d{1,2})\\?[.)、]\s?(?!\d)"
    r"|\(?(?P<letter>[a-z]|[ivx]{1,5})\\?[.)]\s)",
    re.IGNORECASE,
)
MAX_SECTION_CHARACTERS = 6_000  # a longer run is cut between lines and keeps its number
UNNUMBERED_HEADING = re.compile(
    r"^[\s>#*_]*(?:use restrictions|(?:acceptable|prohibited) uses? policy)\W*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Section:
    """A run of lines under one number."""

    number: str
    text: str  # line breaks become spaces, so that a clause may span lines
    starts: tuple[int, ...]  # where in `text` each line begins
    lines: tuple[int, ...]  # the number of each line in the file, from 1

    def line_at(self, offset: int) -> int:
        """The line of the file on which a place in `text` stands."""
        return self.lines[bisect_right(self.starts, offset) - 1]


def split_sections(text: str) -> list[Section]:
    """Cut a license text at its numbers."""
    sections: list[Section] = []
    path: list[str] = []
    current: list[tuple[int, str]] = []
    number = ""
    for at, line in enumerate(text.splitlines(), 1):
        heading = HEADING.match(line)
        is_full = sum(len(text) for _, text in current) > MAX_SECTION_CHARACTERS
        if (heading or UNNUMBERED_HEADING.match(line) or is_full) and current:
            sections.append(_section(number, current))
            current = []
        if heading:
            path = _descend(path, heading)
            number = ".".join(path)
        elif UNNUMBERED_HEADING.match(line):
            number = re.sub(r"[^A-Za-z ]", "", line).strip()
        current.append((at, line))
    if current:
        sections.append(_section(number, current))
    return sections


def _descend(path: list[str], heading: re.Match[str]) -> list[str]:
    """The path of a heading, given the one before it."""
    if heading["attachment"]:
        return [heading["attachment"].title()]
    if heading["decimal"]:
        return heading["decimal"].split(".")
    if heading["number"] and len(path) > 1 and path[1].isdigit() and heading.group()[0].isspace():
        return [*path[:2], heading["number"]]  # a list within 2.3
    if heading["named"] or heading["number"]:
        return [heading["named"] or heading["number"]]
    letter = heading["letter"].lower()
    if _is_roman(letter, path):
        return [*path[:2], letter]
    return [*path[:1], letter]


def _is_roman(letter: str, path: list[str]) -> bool:
    """Whether i, v or x is a roman numeral below a lettered paragraph, and not the next letter after h, u or w."""
    if not re.fullmatch(r"[ivx]+", letter) or len(path) < 2:
        return False
    return len(letter) > 1 or len(path) > 2 or ord(letter) != ord(path[1][0]) + 1


def _section(number: str, numbered: list[tuple[int, str]]) -> Section:
    starts, pieces, offset = [], [], 0
    for _, line in numbered:
        starts.append(offset)
        pieces.append(line + " ")
        offset += len(line) + 1
    return Section(number, "".join(pieces), tuple(starts), tuple(at for at, _ in numbered))
