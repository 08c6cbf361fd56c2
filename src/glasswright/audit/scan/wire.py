"""Protocol buffers by their wire format: numbered fields, read where a schema says that they matter, else skipped."""

from collections.abc import Iterator
from typing import BinaryIO

MAX_FIELDS = 3_000_000
MAX_TEXT_BYTES = 2**20
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_VARINT_BYTES = 10


class NoMessage(Exception):
    """The bytes are no message, or not one that is read here."""


class Wire:
    """One file as messages. A message is a span of it: where it begins and ends."""

    def __init__(self, file: BinaryIO, size_bytes: int):
        self.file, self.whole = file, (0, size_bytes)
        self.num_fields = 0

    def fields(self, span: tuple[int, int]) -> Iterator[tuple[int, int | tuple[int, int]]]:
        """Number and value of every field: an integer, or the span of its bytes.

        Raises:  NoMessage.
        """
        place, end = span
        while place < end:
            self.num_fields += 1
            if self.num_fields > MAX_FIELDS:
                raise NoMessage(f"more than {MAX_FIELDS:,} fields")
            self.file.seek(place)
            tag, place = self._varint(place, end)
            number, wire = tag >> 3, tag & 7
            if number == 0:
                raise NoMessage("a field without a number")
            if wire == VARINT:
                value, place = self._varint(place, end)
                yield number, value
                continue
            if wire == BYTES:
                length, place = self._varint(place, end)
            elif wire in (FIXED64, FIXED32):
                length = 8 if wire == FIXED64 else 4
            else:
                raise NoMessage(f"a field of wire type {wire}")
            if length > end - place:
                raise NoMessage(f"a field of {length:,} bytes where {end - place:,} are left")
            yield number, (place, place + length)
            place += length

    def spans(self, span: tuple[int, int], number: int) -> Iterator[tuple[int, int]]:
        """The spans of all fields of a number."""
        for found, value in self.fields(span):
            if found == number and isinstance(value, tuple):
                yield value

    def text(self, span: tuple[int, int]) -> str:
        """Its bytes as text.

        Raises:  NoMessage if there are too many.
        """
        begins_at, end = span
        if end - begins_at > MAX_TEXT_BYTES:
            raise NoMessage(f"a text of {end - begins_at:,} bytes")
        self.file.seek(begins_at)
        return self.file.read(end - begins_at).decode("utf-8", "replace")

    def _varint(self, place: int, end: int) -> tuple[int, int]:
        value = 0
        for index in range(MAX_VARINT_BYTES):
            byte = self.file.read(1) if place < end else b""
            if not byte:
                raise NoMessage("it ends within a number")
            place += 1
            value |= (byte[0] & 0x7F) << (7 * index)
            if byte[0] < 0x80:
                return value, place
        raise NoMessage("a number without end")
