"""A GGUF file's header: counts, keys with their values, then the name, shape, type and place of every tensor.

Two read it: `tensor_headers` asks what a file says that it holds, `scan.gguf` whether that can be. A stranger's header
may say anything, so every length must lie within the file, and what is read and kept of it has bounds.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_HEADER_BYTES = 2**26  # 64 MiB: the longest vocabulary in a real one has some 10
MAX_VALUES = 4_000_000  # of all arrays together; vocabularies have some hundred thousand
MAX_KEYS = 100_000
MAX_TENSORS = 100_000
MAX_DIMENSIONS = 4
MAX_DEPTH = 4  # arrays of arrays
KEY_BYTES, TENSOR_BYTES, VALUE_BYTES = 13, 24, 8  # at least, of each
NUMBERS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # type of a value -> bytes
STRING, ARRAY = 8, 9


class Wrong(Exception):
    """The header says what cannot be."""


class Unread(Exception):
    """The header goes beyond what is read here."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a header says of one tensor."""

    name: str
    shape: tuple[int, ...]
    kind: int
    begins_at: int  # in the bytes behind the header


class Header:
    """A header, read as far as it goes: what stood before an error is kept."""

    def __init__(self, file: BinaryIO, size_bytes: int):
        self.file, self.size_bytes, self.place = file, size_bytes, 0
        self.keys: dict[str, int | str | None] = {}  # None for an array
        self.tensors: list[Tensor] = []
        self.num_values = 0

    def read(self) -> None:
        """Raises:  Wrong; Unread."""
        if self._take(len(MAGIC)) != MAGIC:
            raise Unread("it does not begin as a GGUF file")
        version = self._number("<I")
        if version not in VERSIONS:
            raise Unread(f"version {version} is not known")
        num_tensors, num_keys = self._number("<Q"), self._number("<Q")
        self._require_room(num_tensors, TENSOR_BYTES, "tensors", MAX_TENSORS)
        self._require_room(num_keys, KEY_BYTES, "keys", MAX_KEYS)
        for _ in range(num_keys):
            key = self._text()
            if key in self.keys:
                raise Wrong(f"{key[:80]} stands twice")
            self.keys[key] = self._value(self._number("<I"))
        for _ in range(num_tensors):
            self.tensors.append(self._tensor())

    def _take(self, count: int) -> bytes:
        if count > self.size_bytes - self.place:
            raise Wrong(f"{count:,} bytes at {self.place:,}, where the file has {self.size_bytes:,}")
        if self.place + count > MAX_HEADER_BYTES:
            raise Unread(f"the header is longer than the {MAX_HEADER_BYTES:,} bytes that are looked at")
        self.place += count
        data = self.file.read(count)
        if len(data) != count:
            raise Unread("it ends within its header")
        return data

    def _number(self, form: str) -> int:
        return int(struct.unpack(form, self._take(struct.calcsize(form)))[0])

    def _text(self) -> str:
        return self._take(self._number("<Q")).decode("utf-8", "replace")

    def _require_room(self, count: int, least_bytes: int, what: str, at_most: int) -> None:
        if count * least_bytes > self.size_bytes - self.place:
            raise Wrong(f"{count:,} {what}, for which the file has no room")
        if count > at_most:
            raise Unread(f"{count:,} {what}; at most {at_most:,} are looked at")

    def _value(self, kind: int, depth: int = 0) -> int | str | None:
        if kind in NUMBERS:
            return int.from_bytes(self._take(NUMBERS[kind]), "little")
        if kind == STRING:
            return self._text()
        if kind != ARRAY:
            raise Wrong(f"a value of type {kind}, which there is not")
        self._array(depth)
        return None

    def _array(self, depth: int) -> None:
        kind, count = self._number("<I"), self._number("<Q")
        if depth == MAX_DEPTH:
            raise Unread(f"arrays more than {MAX_DEPTH} deep")
        if kind in NUMBERS:
            self._take(count * NUMBERS[kind])
            return
        self.num_values += count
        self._require_room(count, VALUE_BYTES, "values of an array", MAX_VALUES)
        self._require_room(self.num_values, 0, "values of all arrays", MAX_VALUES)
        for _ in range(count):
            self._value(kind, depth + 1)

    def _tensor(self) -> Tensor:
        name, num_dimensions = self._text(), self._number("<I")
        if num_dimensions > MAX_DIMENSIONS:
            raise Wrong(f"{name[:80]} has {num_dimensions} dimensions")
        shape = tuple(self._number("<Q") for _ in range(num_dimensions))
        return Tensor(name, shape, self._number("<I"), self._number("<Q"))
