"""The words of a place: the sentences that a piece of evidence is part of, as they stand in the text that was read.

A rule quotes what it matched; a person wants the sentence. A place of many lines is a whole text: it is named, and its
beginning says nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from glasswright.audit.record import Evidence
from glasswright.audit.subject import Subject

SENTENCE_END = re.compile(r"(?<=[.;!?])\s+|(?<=[。；！？])")
SECTION = re.compile(r"^s\. [^:]{1,40}: ")  # how evidence of a clause begins
FIELDS = re.compile(r"\.(json|ya?ml|toml|cff)$")  # a line says what it says alone
MAX_CHARACTERS = 360
MAX_LINES = 12  # of a place that is quoted
MAX_WORD = 30  # of which the end is left out where a cut begins in it
AROUND = 6  # lines of the same paragraph, to each side, in which its sentence may begin and end
MAX_TEXT_LINES = 2_000
MAX_SENTENCES = 2_000


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a text, none where a whole text is meant, and where they stand."""

    words: str
    place: Evidence


class Quoting:
    """The texts of a subject, from which evidence is quoted."""

    def __init__(self, subject: Subject):
        self._lines = {document.where: document.lines for document in subject.documents}
        self._sentences: dict[tuple[str, tuple[int, int] | None], list[Quote]] = {}

    def quote(self, place: Evidence) -> Quote:
        """The sentences around what a rule quoted, cut where they are long; no words where a whole text is meant."""
        first, last = place.lines or (1, 1)
        if last - first >= MAX_LINES:
            return Quote("", place)
        text, start, end = self._found(place)
        return Quote(_cut(*_around(text, start, end), start) if end else place.quote, place)

    def sentence(self, place: Evidence) -> str:
        """The same, whole."""
        text, start, end = self._found(place)
        return _around(text, start, end)[0] if end else place.quote

    def sentences(self, place: Evidence) -> list[Quote]:
        """Every sentence of a place, each with its own lines."""
        key = (place.file, place.lines)
        if key not in self._sentences:
            self._sentences[key] = list(self._taken_apart(place))
        return self._sentences[key]

    def _taken_apart(self, place: Evidence) -> Iterator[Quote]:
        first, last = place.lines or (1, 0)
        text = _Joined(self._lines.get(place.file, ())[first - 1 : min(last, first + MAX_TEXT_LINES)], first)
        for start, end in _sentences(text.text)[:MAX_SENTENCES]:
            words = text.text[start:end]
            lines = text.line_at(start), text.line_at(start + len(words.rstrip()) - 1)
            yield Quote(words.strip(), replace(place, lines=lines))

    def _found(self, place: Evidence) -> tuple[str, int, int]:
        """The paragraph of a place, and where in it stands what the rule quoted: nowhere, if both are 0."""
        found = " ".join(SECTION.sub("", place.quote).removesuffix("…").split())
        text = _Joined(self._paragraph(place.file, *(place.lines or (1, 1))), 1).text
        at = text.find(found) if found else -1
        return (text, at, at + len(found)) if at >= 0 else (text, 0, 0)

    def _paragraph(self, file: str, first: int, last: int) -> tuple[str, ...]:
        """The lines of a place, and in prose those around it up to the nearest empty one."""
        lines = self._lines.get(file, ())
        if FIELDS.search(file) or first <= head_length(lines):
            return lines[first - 1 : last]
        start, stop = first - 1, min(last, len(lines))
        while start > max(0, first - 1 - AROUND) and lines[start - 1 : start] and lines[start - 1].strip():
            start -= 1
        while stop < min(len(lines), last + AROUND) and lines[stop].strip():
            stop += 1
        return lines[start:stop]


def head_length(lines: tuple[str, ...]) -> int:
    """How many lines the YAML head of a card has; 0 without one."""
    if lines[:1] != ("---",):
        return 0
    return next((at + 1 for at, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)


class _Joined:
    """Lines as one text, that still knows the line of each character."""

    def __init__(self, lines: tuple[str, ...], first: int):
        self.first, self._starts, pieces, at = first, [], [], 0
        for line in lines:
            self._starts.append(at)
            if words := " ".join(line.split()):
                pieces.append(words)
                at += len(words) + 1
        self.text = " ".join(pieces)

    def line_at(self, offset: int) -> int:
        return self.first + max(0, bisect_right(self._starts, offset) - 1)


def _sentences(text: str) -> list[tuple[int, int]]:
    cuts = [0, *(match.end() for match in SENTENCE_END.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(cuts) if text[start:end].strip()]


def _around(text: str, start: int, end: int) -> tuple[str, int]:
    """The sentences that a piece of a text is part of, and where they begin."""
    inside = [(a, b) for a, b in _sentences(text) if a < end and b > start] or [(start, end)]
    begin, stop = inside[0][0], inside[-1][1]
    return text[begin:stop].rstrip(), begin


def _cut(sentence: str, begin: int, start: int) -> str:
    """A long sentence around the place `start` of the text in which it begins at `begin`."""
    if len(sentence) <= MAX_CHARACTERS:
        return sentence
    first = max(0, min(start - begin - MAX_CHARACTERS // 3, len(sentence) - MAX_CHARACTERS))
    words = sentence[first : first + MAX_CHARACTERS]
    words = words.partition(" ")[2] if first and " " in words[:MAX_WORD] else words
    return f"{'… ' if first else ''}{words.strip()}{' …' if first + MAX_CHARACTERS < len(sentence) else ''}"
