"""The encoding a page is written in, as a browser finds it: byte order mark, then HTTP, then the page, then UTF-8.

What a browser reads as windows-1252 where Latin-1 or ASCII is stated is read so here.
Source: WHATWG, Encoding, section 4.2 (labels); HTML, section 13.2.3 (determining the encoding).
"""

import codecs
import re

from glasswright.corpus.decode import BYTE_ORDER_MARKS, REPLACEMENT, Decoded, clean, decode

PRESCAN_BYTES = 1024
META = re.compile(rb"<meta\b[^>]{0,500}?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
DECLARATION = re.compile(rb"\A\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9_:.-]{1,40})[\"']")
COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
UTF8 = "utf-8"
OF_A_LANGUAGE = re.compile(r"big5|cp\d|euc|gb|hz|iso2022|iso8859|johab|koi8|kz1048|mac|ptcp|shift_jis|tis|utf-16")
LABELS = {  # where Python's names and the browsers' differ
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "tis-620": "cp874",
    "utf-16": "utf-16-le",
}


def decode_page(data: bytes, http_charset: str | None = None) -> Decoded:
    """The text of a page of markup, and how many of its characters were lost."""
    return _decoded(data, _codec(http_charset) or _in_the_page(data) or UTF8)


def decode_plain(data: bytes, http_charset: str | None) -> Decoded:
    """The same of a text that has no place to state its encoding."""
    return _decoded(data, _codec(http_charset) or UTF8)


def _decoded(data: bytes, encoding: str) -> Decoded:
    if encoding == UTF8 or any(data.startswith(mark) for mark, _ in BYTE_ORDER_MARKS):
        return decode(data)
    try:
        return Decoded(clean(data.decode(encoding)), 0)
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        return Decoded(clean(text), max(1, text.count(REPLACEMENT)))


def _in_the_page(data: bytes) -> str | None:
    """What the page says of itself. One that can be searched as ASCII is not in UTF-16, whatever it says."""
    start = COMMENT.sub(b"", data[:PRESCAN_BYTES])
    found = META.search(start) or DECLARATION.search(start)
    if found is None:
        return None
    encoding = _codec(found.group(1).decode("ascii"))
    return UTF8 if encoding is not None and encoding.startswith("utf-16") else encoding


def _codec(label: str | None) -> str | None:
    """The codec of a language, or UTF-8, behind a label; None where no such codec is known."""
    name = (label or "").strip().lower()
    try:
        found = codecs.lookup(LABELS.get(name, name)).name
    except (LookupError, ValueError):
        return None
    return found if found == UTF8 or OF_A_LANGUAGE.match(found) else None
