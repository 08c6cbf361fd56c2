"""Read a text file that may be anything: too long, binary, not UTF-8, not English.

A file that cannot be read in full is never guessed at: the reading says what was left out, and the audit treats what
stands in it as unchecked.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from glasswright.foreign import NotRead, opened, size_of
from glasswright.licenses.seen import as_seen

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MAX_DOCUMENT_BYTES = 2_000_000
BINARY_SAMPLE_BYTES = 8_192
MAX_LINE_CHARACTERS = 8_000  # the longest paragraph of a real card has about 6,000
MIN_WORDS_FOR_LANGUAGE = 60
ENGLISH_WORD_LIST = "the of and to in is for a with on this that are be as by we from it or an you model"
ENGLISH_WORDS = frozenset(ENGLISH_WORD_LIST.split())
MIN_ENGLISH_SHARE = 0.08  # English prose has about a third of these words; tables and code lower it


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines of a text file, and what could not be read of it."""

    lines: tuple[str, ...]
    problem: str | None = None  # why it was not read, or not in full
    language_problem: str | None = None  # why the rules cannot understand it


def read_text(path: str, folder: Path, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> Reading:
    """Read at most so many bytes of a file below `folder` as text."""
    try:
        with opened(path, below=folder) as file:
            size, data = size_of(file), file.read(max_bytes)
    except NotRead as error:
        return Reading((), f"was not read: {error.why}")
    reading = decode(data)
    reading = replace(reading, language_problem=language_problem("\n".join(reading.lines)))
    if size > len(data) and not reading.problem:
        return Reading(reading.lines, f"only the first {len(data)} of {size} bytes were read", reading.language_problem)
    return reading


def decode(data: bytes) -> Reading:
    """The text in some bytes, or why they are none."""
    encoding = "utf-16" if data.startswith(UTF_16) else "utf-8"
    if encoding == "utf-8" and b"\x00" in data[:BINARY_SAMPLE_BYTES]:
        return Reading((), "is binary, not text")
    text = data.decode(encoding, errors="replace")
    if text.count("\ufffd") > max(10, len(text) // 20):
        return Reading((), "is not UTF-8 text")
    lines = (line[:MAX_LINE_CHARACTERS] for line in text.splitlines())
    return Reading(tuple(lines if text.isascii() else map(as_seen, lines)))


def language_problem(text: str) -> str | None:
    """Why the rules, which read English, cannot read a text; None if they can."""
    sample = text[:50_000]
    letters = [c for c in sample if c.isalpha()]
    foreign = [c for c in letters if c > "\u024f"]
    if len(letters) > 200 and len(foreign) > 0.25 * len(letters):
        return f"is mostly in {_script(foreign)} script; the rules read English, and little else of it was understood"
    words = re.findall(r"[a-zà-ÿ]+", sample.lower())
    if len(words) >= MIN_WORDS_FOR_LANGUAGE:
        share = sum(word in ENGLISH_WORDS for word in words) / len(words)
        accented = sum(any(c > "\x7f" for c in word) for word in words) / len(words)
        if share < MIN_ENGLISH_SHARE and accented > 0.02:
            return "is not in English; the rules read English, and little of it was understood"
    return None


def _script(letters: list[str]) -> str:
    names = [unicodedata.name(letter, "unknown").split()[0] for letter in letters[:500]]
    common = max(set(names), key=names.count)
    return {"CJK": "Chinese", "HANGUL": "Korean", "HIRAGANA": "Japanese", "KATAKANA": "Japanese"}.get(
        common, common.title()
    )
