"""Text as it is learned from: the same characters for the same words, and a count of everything that was mended.

In this order, because a soft hyphen can be half of a broken letter:

    mojibake           lines decoded with the wrong encoding, mended by ftfy ("sÃ­" becomes "sí")
    line_end           CRLF, CR, U+0085, U+2028, U+2029, form feed and vertical tab become one line feed
    word_joiner        U+2060 goes          (Standard Ebooks joins dashes with it)
    soft_hyphen        U+00AD goes
    byte_order_mark    U+FEFF goes, wherever it is
    control            other control characters go; tab and line feed stay
    composed           Unicode normal form C, counted once a document

Taking a character out can bring two halves of a broken letter together, so this is repeated until nothing changes.
Typographic quotes, ligatures, full-width letters and HTML entities stay: they are what the author wrote. So normalizing
twice changes nothing more.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

_REMOVED = {"word_joiner": "\u2060", "soft_hyphen": "\u00ad", "byte_order_mark": "\ufeff"}
_LINE_END = re.compile("\r\n|[\r\f\v\u0085\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SUSPECT = re.compile("[^\x00-\x7f\xa0\xad\u2010-\u206f\ufeff]")  # English typography alone is never mojibake


@dataclass(frozen=True, slots=True)
class Normalized:
    """The text and how often each thing in it was mended."""

    text: str
    mended: Counter[str] = field(default_factory=Counter)


@cache
def _ftfy() -> tuple[Any, Any]:
    """ftfy's mender, and what it may mend."""
    import ftfy

    config = ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )
    return ftfy.fix_text, config


def _mend_encoding(text: str, mended: Counter[str]) -> str:
    """Have ftfy judge the lines that could be mojibake, and mend those that are."""
    fix_text, config = _ftfy()
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if _SUSPECT.search(line):
            lines[index] = fix_text(line, config)
            mended["mojibake"] += lines[index] != line
    return "\n".join(lines)


def normalize(text: str) -> Normalized:
    """Mend what can be mended without a guess about meaning, until there is nothing left to mend."""
    mended: Counter[str] = Counter()
    before = None
    while text != before:
        before, text = text, _mend(text, mended)
    return Normalized(text, +mended)


def _mend(text: str, mended: Counter[str]) -> str:
    if _SUSPECT.search(text):
        text = _mend_encoding(text, mended)
    text, num_ends = _LINE_END.subn("\n", text)
    text, num_controls = _CONTROL.subn("", text)
    mended.update(line_end=num_ends, control=num_controls)
    for name, character in _REMOVED.items():
        mended[name] += text.count(character)
        text = text.replace(character, "")
    if not unicodedata.is_normalized("NFC", text):
        mended["composed"] += 1
        text = unicodedata.normalize("NFC", text)
    return text
