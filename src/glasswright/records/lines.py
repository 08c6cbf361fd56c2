"""A line of two halves: `determined` is hashed and equal on every rebuild; `observed` is not, and never compared.

{"determined": {...}, "observed": {...}}\\n
"""

from collections.abc import Iterator
from typing import Any

from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes, parse

HALVES = {"determined", "observed"}


def encode_line(determined: dict[str, Any], observed: dict[str, Any]) -> bytes:
    """The line, its end included."""
    return canonical_bytes({"determined": determined, "observed": observed}) + b"\n"


def decode_line(line: bytes, where: str) -> tuple[Any, Any]:
    """(determined, observed).

    Raises:  Misuse naming `where` if it is not a line of two halves.
    """
    record = parse(line, where)
    if not isinstance(record, dict) or record.keys() != HALVES:
        raise Misuse(f"{where}: expected the halves determined and observed", hint="the file was edited or damaged")
    return record["determined"], record["observed"]


def whole_lines(data: bytes, where: str) -> Iterator[tuple[Any, Any]]:
    """(determined, observed) of every line that was written to its end; one that was cut off is not there yet."""
    for number, line in enumerate(data.split(b"\n")[:-1], start=1):
        yield decode_line(line, f"{where}:{number}")
