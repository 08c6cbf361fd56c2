"""Patterns that take large and small letters alike, quick on the texts that most are."""

import re
import sys
from collections.abc import Iterator
from functools import cached_property

CASE_COUNTS = re.compile(r"\(\?[a-z]*-i")  # in a part of the pattern
SYNTAX_OR_LETTERS = re.compile(r"\\.|\(\?P|[^\\(]+|\(", re.DOTALL)


class AnyCase:
    """A pattern under IGNORECASE. What is found has its place in the text; its letters may have become small.

    A text in ASCII is looked at in small letters, with a pattern in small letters: that finds the same, and Python's
    `re` takes a tenth of the time for it. Each of the two is compiled when a text first asks for it.
    """

    def __init__(self, pattern: str, flags: re.RegexFlag = re.NOFLAG):
        self.written, self.flags = pattern, flags

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """The first place."""
        pattern, seen = self._quickest(text)
        return pattern.search(seen, start, end)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All places."""
        pattern, seen = self._quickest(text)
        return pattern.finditer(seen)

    def _quickest(self, text: str) -> tuple[re.Pattern[str], str]:
        if text.isascii() and self._of_small_letters:
            return self._of_small_letters, text.lower()
        return self.pattern, text

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """For any text."""
        return re.compile(self.written, self.flags | re.IGNORECASE)

    @cached_property
    def _of_small_letters(self) -> re.Pattern[str] | None:
        if CASE_COUNTS.search(self.written):
            return None
        return re.compile(SYNTAX_OR_LETTERS.sub(_small, self.written), self.flags)


def _small(found: re.Match[str]) -> str:
    """In small letters, but for what is syntax; to IGNORECASE a dotless i is an i."""
    piece = found.group()
    return piece if piece.startswith(("\\", "(")) else piece.lower().replace("ı", "i")
