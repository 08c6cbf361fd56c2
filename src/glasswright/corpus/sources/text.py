"""A text file as a document: what was written, without what only its tools read.

What it says of its license is read from the whole of it.
"""

import hashlib
import re
from dataclasses import dataclass

from glasswright.corpus.decode import BYTE_ORDER_MARKS, decode
from glasswright.corpus.evidence.statements import statements
from glasswright.corpus.found import Found
from glasswright.corpus.sources.aside import set_aside
from glasswright.corpus.sources.media import UNKNOWN, is_bare
from glasswright.corpus.sources.storybook import read_storybook
from glasswright.corpus.sources.stub import is_moved_stub

HEADING = re.compile(r"^#{1,2}[ \t]+(\S.{0,300})$", re.MULTILINE)
INCLUSION = r"[ \t]*\{\{#(?:include|rustdoc_include|playground|playpen)\b[^}\n]*\}\}[ \t]*\n"  # of mdBook
ONLY_INCLUSIONS = re.compile(
    rf"^(?P<fence>[ \t]*(?:```++|~~~++))[^\n]*+\n(?:{INCLUSION})+(?P=fence)[ \t]*\n", re.MULTILINE
)
INCLUSIONS = re.compile(rf"^{INCLUSION}", re.MULTILINE)
BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The text of a file, and what the file says of it."""

    text: str
    title: str | None = None
    author: str | None = None
    language: str | None = None


def text_document(path: str, data: bytes, media_type: str) -> Found:
    """One document, with what it says of its license; or the reason why there is none."""
    if is_bare(path) and b"\0" in data and not any(data.startswith(mark) for mark, _ in BYTE_ORDER_MARKS):
        return set_aside(path, data, UNKNOWN, "media_type_not_read")
    decoded = decode(data)
    read = _markdown(decoded.text) if media_type == "text/markdown" else _Read(text=decoded.text)
    return Found(
        path=path,
        media_type=media_type,
        text=read.text.strip(),
        raw_sha256=hashlib.sha256(data).hexdigest(),
        num_raw_bytes=len(data),
        num_replaced=decoded.num_replaced,
        title=read.title,
        author=read.author,
        language=read.language,
        statements=tuple(statements(decoded.text)),
        reason="moved_stub" if is_moved_stub(decoded.text) else None,
    )


def _markdown(text: str) -> _Read:
    heading = HEADING.search(text)
    title = heading.group(1).strip("# \t") if heading else None
    if book := read_storybook(text):
        made = book.credits
        return _Read(text=book.text, title=title, author=made.get("text"), language=made.get("language"))
    return _Read(text=_without_inclusions(text), title=title)


def _without_inclusions(text: str) -> str:
    """What mdBook would put in from other files is not in this one: the lines go, and code blocks of nothing else.

    The files are documents of their own, under what is said of them.
    """
    if "{{#" not in text:
        return text
    shorter = INCLUSIONS.sub("", ONLY_INCLUSIONS.sub("", text + "\n"))
    return BLANK_LINES.sub("\n\n", shorter)
