"""A row of a table, as its file gives it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from glasswright.corpus.sources.files import Entry
from glasswright.errors import Misuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, and the digest of the bytes it was read from."""

    number: int  # from 1
    values: Mapping[str, Any]
    raw_sha256: str
    num_raw_bytes: int
    num_replaced: int = 0  # characters that were not UTF-8


def row_of(number: int, values: Mapping[str, Any], raw: bytes, num_replaced: int = 0) -> Row:
    return Row(
        number=number,
        values=values,
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        num_raw_bytes=len(raw),
        num_replaced=num_replaced,
    )


def no_column(entry: Entry, column: str, columns: Iterable[str]) -> Misuse:
    return Misuse(
        f"{entry.place}: no column {column!r}: it has {', '.join(columns)}",
        hint="say in the recipe which one holds the documents: text: NAME",
    )
