"""Globs of REUSE.toml: `*` stays within a folder, `**` does not, a backslash takes the meaning from what follows it.

All places that a match may have reached are kept at once, one bit each, so that a hostile pattern takes no more steps
than the path has characters.
"""

from collections.abc import Iterator
from itertools import takewhile

STAR, GLOBSTAR = "*", "**"


class Glob:
    """A pattern for whole paths."""

    def __init__(self, pattern: str):
        tokens = list(_tokens(pattern))
        self._prefix = "".join(char for char, _ in takewhile(lambda token: not token[1], tokens))
        self._end = 1 << len(tokens)
        self._stars = self._globstars = 0
        self._takes: dict[str, int] = {}  # of a character, the tokens that it is
        for place, (token, is_star) in enumerate(tokens):
            if is_star:
                self._stars |= 1 << place
                self._globstars |= (token == GLOBSTAR) << place
            else:
                self._takes[token] = self._takes.get(token, 0) | 1 << place

    def matches(self, path: str) -> bool:
        """Whether the pattern covers a whole path."""
        if not path.startswith(self._prefix):
            return False
        reached = self._past_stars(1)
        for char in path:
            stays = reached & (self._globstars if char == "/" else self._stars)
            reached = self._past_stars(stays | (reached & self._takes.get(char, 0)) << 1)
            if not reached:
                return False
        return bool(reached & self._end)

    def _past_stars(self, reached: int) -> int:
        """A star may stand for nothing; none follows another."""
        return reached | (reached & self._stars) << 1


def _tokens(pattern: str) -> Iterator[tuple[str, bool]]:
    """Characters and stars, with whether it is a star; of stars in a row the one that takes most."""
    place = 0
    while place < len(pattern):
        if pattern[place] == "*":
            end = place
            while pattern[end : end + 1] == "*":
                end += 1
            yield (GLOBSTAR if end - place > 1 else STAR), True
            place = end
        else:
            place += pattern[place] == "\\" and place + 1 < len(pattern)
            yield pattern[place], False
            place += 1
