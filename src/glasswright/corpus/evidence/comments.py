"""SPDX identifiers where they are meant: in comments before a text begins, or after it ends.

    <!-- SPDX-License-Identifier: CC-BY-4.0 -->      [//]: # (SPDX-License-Identifier: CC-BY-4.0)
    .. SPDX-License-Identifier: CC-BY-4.0            // SPDX-License-Identifier: CC-BY-4.0

In between they belong to the code that a text shows.
"""

import re
from collections.abc import Iterator

from glasswright.corpus.evidence.reuse import joined
from glasswright.corpus.found import Nearness, Statement

HEAD_CHARS, TAIL_CHARS = 6000, 6000
IDENTIFIER = re.compile(
    r"^[ \t]*(?:<!--|//|#+|!+|-|\.\.|/?\*+|;+|--|%+|\{[#/%]-?|\"{3}|'{3}|rem\b|dnl\b|\.\\\""
    r"|\[(?:comment|//)\]:[ \t]*(?:<>|#)[ \t]*[(\"'])?[ \t]*(?:comment:[ \t]*)?"
    r"SPDX-License-Identifier[:=][ \t]*[\"']?([^\r\n*\"]+?)[ \t]*(?:-->|\*/|[#%]\}|[\"')\]]+)?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
DEDENT = re.compile(r"(?!)")  # a comment of reStructuredText ends where the indent does
COMMENTS = (
    (re.compile(r"[ \t]*<!--"), re.compile(r"-->")),
    (re.compile(r"[ \t]*/\*"), re.compile(r"\*/")),
    (re.compile(r"\{#|\{%-? *comment"), re.compile(r"#\}|endcomment")),
    (re.compile(r"(?:---|\+\+\+)[ \t]*$"), re.compile(r"^(?:---|\+\+\+|\.\.\.)$")),
    (re.compile(r"\.\.(?:[ \t]|$)"), DEDENT),
)
LINE_COMMENT = re.compile(
    r"[ \t]*(?:#|//|!|;|%|\.\\\"|\[(?:comment|//)\]:|<\?xml|<!doctype|<html|<head|[=\-~^*]{3,}[ \t]*$|:[\w-]+:)",
    re.IGNORECASE,
)


def identifiers(text: str) -> Iterator[Statement]:
    """SPDX identifiers in comments before a text begins, else after it ends; several hold together."""
    for zone, lines_of in ((text[:HEAD_CHARS], _before_prose), (text[-TAIL_CHARS:], _after_prose)):
        if "spdx-license-identifier" in zone.lower():
            comments = "\n".join(lines_of(zone))
            if found := [match.group(1).strip() for match in IDENTIFIER.finditer(comments)]:
                yield Statement(license=joined(found), evidence="SPDX-License-Identifier", nearness=Nearness.IDENTIFIER)
                return


def _before_prose(zone: str) -> Iterator[str]:
    """The lines before a text begins: comments, front matter, a title. Code in it may have an identifier of its own."""
    closing, titles = None, 1
    for line in zone.split("\n"):
        bare = line.strip()
        if bare.startswith(("```", "~~~")):
            return
        if closing is None:
            opened = next((pair for pair in COMMENTS if pair[0].match(line)), None)
            if opened is None and bare and not LINE_COMMENT.match(line):
                titles -= 1
                if titles < 0 or line[0] in " \t":
                    return
            closing = opened[1] if opened else None
            bare = bare[3:] if opened else bare
        elif closing is DEDENT and bare and line[0] not in " \t":
            closing = None
            if not LINE_COMMENT.match(line):
                titles -= 1
        if closing is not None and closing is not DEDENT and closing.search(bare):
            closing = None
        yield line


def _after_prose(zone: str) -> list[str]:
    """The comments after the last line of a text."""
    lines = zone.rstrip().split("\n")
    first, within = len(lines), False
    while first > 0:
        line = lines[first - 1]
        within = within or line.rstrip().endswith("-->")
        if not within and line.strip() and not LINE_COMMENT.match(line) and not COMMENTS[0][0].match(line):
            break
        within = within and "<!--" not in line
        first -= 1
    return lines[first:]
