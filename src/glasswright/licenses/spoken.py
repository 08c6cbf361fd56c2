"""Patterns over prose, written as it is spoken: a space stands for any white space, so that a phrase may run over a line."""

import re

SPACE_OR_SET = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]| [?*]?")


def spoken(*alternatives: str) -> re.Pattern[str]:
    """Any of several phrases, in any case; `^` and `$` are of lines, and within [] a space is a space."""
    pattern = "|".join(alternatives)
    wide = SPACE_OR_SET.sub(_wide, pattern)
    return re.compile(wide, re.IGNORECASE | re.MULTILINE)


def _wide(found: re.Match[str]) -> str:
    piece = found.group()
    if not piece.startswith(" "):
        return piece
    return r"[ \t\n]+" if piece == " " else r"[ \t\n]*"
