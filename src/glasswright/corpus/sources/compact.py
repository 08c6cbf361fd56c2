"""Thrift's compact protocol, as far as the headers of Parquet need it: numbers, lists, structures, by number of field.

What is wanted is named beforehand, and everything else is stepped over: nothing is held that was not asked for.

Source:  Apache Thrift, doc/specs/thrift-compact-protocol.md
"""

from collections.abc import Iterator, Mapping
from typing import Any

Wanted = Mapping[int, "Wanted | None"]  # fields of a structure; of one that is a structure, or a list of them, its own
NOTHING: Wanted = {}
MAX_DEPTH = 16  # of structures within each other; Parquet has seven
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
NUMBERS = (I16, I32, I64)


class Fields:
    """What was wanted of a structure. Raises ValueError where a field is of another kind than is asked for."""

    def __init__(self, fields: dict[int, Any]):
        self._fields = fields

    def number(self, field: int, default: int | None = None) -> int:
        """A number that is not below zero."""
        value = self._fields.get(field, default)
        if not isinstance(value, int) or value < 0:
            raise ValueError(f"expected a number in field {field}, found {value}")
        return value

    def struct(self, field: int) -> "Fields | None":
        """A structure, if it is there."""
        value = self._fields.get(field)
        if value is not None and not isinstance(value, Fields):
            raise ValueError(f"expected a structure in field {field}, found {value}")
        return value

    def structs(self, field: int) -> "list[Fields]":
        """A list of structures."""
        values = self._fields.get(field, [])
        if not isinstance(values, list) or not all(isinstance(value, Fields) for value in values):
            raise ValueError(f"expected a list of structures in field {field}")
        return values


class Compact:
    """Reads structures from bytes. Raises EOFError at the end of the bytes, ValueError where they are none."""

    def __init__(self, data: bytes):
        self._data, self.place = data, 0

    def struct(self, wanted: Wanted, depth: int = 0) -> Fields:
        """The structure that begins here."""
        if depth > MAX_DEPTH:
            raise ValueError("structures in structures without end")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._number()
            kind = head & 15
            value = None if kind in (TRUE, FALSE) else self._value(kind, wanted.get(number) or NOTHING, depth)
            if number in wanted:
                fields[number] = value
        return Fields(fields)

    def _value(self, kind: int, wanted: Wanted, depth: int) -> Any:
        if kind in NUMBERS:
            return self._number()
        if kind in (TRUE, FALSE, BYTE):
            return self._byte()
        if kind in (DOUBLE, BINARY):
            return self._step(8 if kind == DOUBLE else self._varint())
        if kind == STRUCT:
            return self.struct(wanted, depth + 1)
        if kind not in (LIST, SET, MAP):
            raise ValueError(f"a field of kind {kind}")
        values = (self._value(inner, wanted, depth) for inner in self._inner_kinds(kind))
        return [value for value in values if wanted]

    def _inner_kinds(self, kind: int) -> Iterator[int]:
        """Of each value in a list, a set or a map, its kind."""
        if kind == MAP:
            size = self._varint()
            kinds = self._byte() if size else 0
            for _ in range(size):
                yield from (kinds >> 4, kinds & 15)
        else:
            head = self._byte()
            for _ in range(head >> 4 if head >> 4 < 15 else self._varint()):
                yield head & 15

    def _byte(self) -> int:
        self._step(1)
        return self._data[self.place - 1]

    def _step(self, num_bytes: int) -> None:
        self.place += num_bytes
        if self.place > len(self._data):
            raise EOFError("the bytes end within a structure")

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
            if shift > 63:
                raise ValueError("a number without end")

    def _number(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)
