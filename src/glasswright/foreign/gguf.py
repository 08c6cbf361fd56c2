"""A GGUF file's header: counts, keys with their values, then the name, shape, type and place of every tensor.

A stranger's header may say anything, so every length must lie within the file, and what is read and kept of it has
bounds. `read` takes it as it is; `require_apart` says whether the bytes behind it can be what it says.
"""

import math
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
MAX_SIZE = 2**63
MAX_ALIGNMENT = 2**20
ALIGNMENT_KEY, ALIGNMENT = "general.alignment", 32
# Type of a tensor -> numbers in a block, bytes of a block.  Source:  the GGUF description, ggml's table of types.
BLOCKS = {
    **{0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36)},
    **{10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292)},
    **{16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82)},
    **{23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2)},
    **{34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18)},
}


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


Array = tuple[int, bytes] | list[str]  # numbers by their type, as they lie there, or texts


class Header:
    """A header, read as far as it goes: what stood before an error is kept.

    is_whole:  arrays of numbers and of texts are kept as well, and every text so that other bytes are another text
    """

    def __init__(self, file: BinaryIO, size_bytes: int, *, is_whole: bool = False):
        self.file, self.size_bytes, self.place, self.is_whole = file, size_bytes, 0, is_whole
        self.keys: dict[str, int | str | None] = {}  # a number by its bits; None for an array
        self.arrays: dict[str, Array] = {}
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
            value = self._value(self._number("<I"))
            if isinstance(value, tuple | list):
                self.arrays[key], value = value, None
            self.keys[key] = value
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
        return self._take(self._number("<Q")).decode("utf-8", "surrogateescape" if self.is_whole else "replace")

    def _require_room(self, count: int, least_bytes: int, what: str, at_most: int) -> None:
        if count * least_bytes > self.size_bytes - self.place:
            raise Wrong(f"{count:,} {what}, for which the file has no room")
        if count > at_most:
            raise Unread(f"{count:,} {what}; at most {at_most:,} are looked at")

    def _value(self, kind: int, depth: int = 0) -> int | str | Array | None:
        if kind in NUMBERS:
            return int.from_bytes(self._take(NUMBERS[kind]), "little")
        if kind == STRING:
            return self._text()
        if kind != ARRAY:
            raise Wrong(f"a value of type {kind}, which there is not")
        found = self._array(depth)
        return found if self.is_whole and depth == 0 else None

    def _array(self, depth: int) -> Array | None:
        kind, count = self._number("<I"), self._number("<Q")
        if depth == MAX_DEPTH:
            raise Unread(f"arrays more than {MAX_DEPTH} deep")
        if kind in NUMBERS:
            return kind, self._take(count * NUMBERS[kind])
        self.num_values += count
        self._require_room(count, VALUE_BYTES, "values of an array", MAX_VALUES)
        self._require_room(self.num_values, 0, "values of all arrays", MAX_VALUES)
        if kind == STRING and self.is_whole:
            return [self._text() for _ in range(count)]
        for _ in range(count):
            self._value(kind, depth + 1)
        return None

    def _tensor(self) -> Tensor:
        name, num_dimensions = self._text(), self._number("<I")
        if num_dimensions > MAX_DIMENSIONS:
            raise Wrong(f"{name[:80]} has {num_dimensions} dimensions")
        shape = tuple(self._number("<Q") for _ in range(num_dimensions))
        return Tensor(name, shape, self._number("<I"), self._number("<Q"))


def require_apart(header: Header) -> int:
    """Where the bytes of tensors begin, behind the header.

    Raises:  Wrong for a tensor that lies over another, between two places, or beyond the file; Unread, also
    for bytes behind the last.
    """
    alignment = _alignment(header.keys.get(ALIGNMENT_KEY, ALIGNMENT))
    begins_at = -(-header.place // alignment) * alignment
    end = 0
    for first, size_bytes, name in sorted((t.begins_at, size_bytes_of(t), t.name[:80]) for t in header.tensors):
        if first % alignment or first < end:
            raise Wrong(f"{name} begins at {first:,}, over another or between two places")
        end = first + size_bytes
        if begins_at + end > header.size_bytes:
            raise Wrong(f"{name} ends at {begins_at + end:,}, where the file has {header.size_bytes:,}")
    if (behind := header.size_bytes - begins_at - end) > alignment:
        raise Unread(f"{behind:,} bytes lie behind the last tensor")
    return begins_at


def _alignment(value: int | str | None) -> int:
    if not isinstance(value, int) or value < 8 or value % 8 or value > MAX_ALIGNMENT:
        raise Wrong(f"{ALIGNMENT_KEY} is {str(value)[:40]}")
    return value


def size_bytes_of(tensor: Tensor) -> int:
    """Raises:  Unread for a type that is not known; Wrong for a shape that its type cannot have."""
    if tensor.kind not in BLOCKS:
        raise Unread(f"{tensor.name[:80]} is of type {tensor.kind}, which is not known")
    in_block, block_bytes = BLOCKS[tensor.kind]
    count = math.prod(tensor.shape)
    if count >= MAX_SIZE or count % in_block or (tensor.shape and tensor.shape[0] % in_block):
        raise Wrong(f"{tensor.name[:80]} has a shape that its type cannot have")
    return count // in_block * block_bytes
