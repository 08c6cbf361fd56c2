"""Bytes to text, counting what was lost on the way.

byte order mark     UTF-8, UTF-16 or UTF-32: decides the encoding, then goes
otherwise           UTF-8
invalid bytes       become U+FFFD and are counted
line ends           CR LF and CR become LF
U+2060, U+FEFF      word joiners hold no text and go
"""

import codecs
from dataclasses import dataclass

BYTE_ORDER_MARKS = (  # UTF-32 first: its mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
REPLACEMENT = "\ufffd"
WORD_JOINERS = ("\u2060", "\ufeff")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and how many of its characters stand for bytes that were not text."""

    text: str
    num_replaced: int


def decode(data: bytes) -> Decoded:
    """Read bytes as text."""
    encoding = "utf-8"
    for mark, name in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    try:
        return Decoded(clean(data.decode(encoding)), 0)
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        was_there = data.count(REPLACEMENT.encode(encoding))
        return Decoded(clean(text), text.count(REPLACEMENT) - was_there)


def clean(text: str) -> str:
    """One line end, no word joiners."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for joiner in WORD_JOINERS:
        text = text.replace(joiner, "")
    return text


def without_surrogates(text: str) -> Decoded:
    """Text from an escape such as "\\ud800" that no encoding can hold: each lone surrogate becomes U+FFFD."""
    try:
        text.encode()
        return Decoded(text, 0)
    except UnicodeEncodeError:
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return Decoded(whole, whole.count(REPLACEMENT) - text.count(REPLACEMENT))
