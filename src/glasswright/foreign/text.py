"""A stranger's text, as it may be shown: nothing in it is obeyed, and nothing in it is invisible.

    ESC [ 31 m       \\x1b[31m      a terminal would obey it
    U+202E           \\u202e        it turns the reading order around
    U+200B           \\u200b        it is there and cannot be seen
    a line end       \\n            it would begin a line that looks like ours
    lone surrogate   \\udcff        a byte of a file's name that is not UTF-8

Spaces of every width stay: they are seen as spaces, and Chinese and French prose have them.
"""

import json
import re
import unicodedata
from typing import Any

# What Unicode has no picture for by intent (Default_Ignorable_Code_Point) and `str.isprintable` lets through, and the
# Braille cell without a dot, which looks like a space.  Source:  Unicode 15.0, DerivedCoreProperties.txt.
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")

MARKUP = {"&": "&amp;", "<": "&lt;", **{character: f"\\{character}" for character in "\\`|[]"}}


def shown(text: str, *, keep: str = "") -> str:
    """The text on one line, with what is not to be seen written as Python writes it.

    keep:  characters that stay as they are: the line ends of a text that is shown as lines
    """
    if text.isprintable() and not UNSEEN.search(text):
        return text
    return "".join(character if _is_seen(character) or character in keep else _escape(character) for character in text)


def markdown_shown(text: str) -> str:
    """The same as a piece of Markdown, in a table as well: no tag, link, picture, code, entity or cell begins in it."""
    return "".join(MARKUP.get(character, character) for character in shown(text))


def json_shown(record: Any, *, indent: int | None = None) -> str:
    """A record as JSON: the same record when it is read, and nothing in the text that is obeyed when it is shown."""
    text = json.dumps(record, indent=indent, ensure_ascii=False, sort_keys=True, default=str)
    if text.isascii():
        return text.replace("\x7f", "\\u007f")
    return "".join(character if character == "\n" or _is_seen(character) else _json(character) for character in text)


def _is_seen(character: str) -> bool:
    is_there = character.isprintable() or unicodedata.category(character) == "Zs"
    return is_there and not UNSEEN.match(character)


def _escape(character: str) -> str:
    code = ord(character)
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return short.get(character) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def _json(character: str) -> str:
    return json.dumps(character)[1:-1]
