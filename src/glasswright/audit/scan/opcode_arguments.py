"""The arguments of a pickle's opcodes, read as the loader reads them where pickletools differs from it."""

import codecs
import warnings
from collections.abc import Callable
from typing import Any, BinaryIO


def _line(file: BinaryIO) -> bytes:
    line = file.readline()
    if not line.endswith(b"\n"):
        raise ValueError("a line that does not end")
    return line[:-1]


def _integer(file: BinaryIO) -> int:
    text = _line(file).strip().removesuffix(b"L")
    try:
        return int(text, 0)
    except ValueError:
        return int(text)  # 007


def _text(file: BinaryIO) -> str:
    return _line(file).decode("utf-8", "replace")


def _quoted(file: BinaryIO) -> str:
    line = _line(file)
    if len(line) < 2 or line[:1] not in (b"'", b'"') or line[:1] != line[-1:]:
        raise ValueError("a text without quotes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the file's own escapes
        return codecs.escape_decode(line[1:-1])[0].decode("latin-1")


def _names(file: BinaryIO) -> tuple[str, str]:
    return _line(file).decode("utf-8"), _line(file).decode("utf-8")


READERS: dict[str, Callable[[Any], Any]] = {
    "INT": _integer,
    "LONG": _integer,
    "STRING": _quoted,
    "PERSID": _text,
    "GLOBAL": _names,
    "INST": _names,
}
