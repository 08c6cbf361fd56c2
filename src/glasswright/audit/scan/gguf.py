"""A GGUF file by its header: counts, keys, values, then a list of tensors, then their bytes.

Every length must lie within the file, every tensor within the bytes behind the header, none over another: readers in C
have trusted these numbers (CVE-2024-25664 and its kin). A chat template in it is read as any other.
"""

import struct
from collections.abc import Iterator
from typing import Any

from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.audit.scan.templates import scan_templates
from glasswright.records.verdict import Finding

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_HEADER_BYTES = 2**26
MAX_VALUES = 4_000_000  # of all arrays together; vocabularies have some hundred thousand
MAX_KEYS = 100_000
MAX_TENSORS = 100_000
MAX_DIMENSIONS = 4
MAX_DEPTH = 4  # arrays of arrays
MAX_SIZE = 2**63
NUMBERS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # type of a value -> bytes
STRING, ARRAY, UINT32 = 8, 9, 4
ALIGNMENT_KEY, ALIGNMENT = "general.alignment", 32
TEMPLATE_KEY = "chat_template"  # tokenizer.chat_template, and those with a name behind it
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


def scan_gguf(item: Item) -> Iterator[Finding]:
    """The findings of one file: its header, and its chat templates."""
    claim = f"{item.shown}: the header describes the bytes"
    header = _Header(item.beginning(MAX_HEADER_BYTES), item.size_bytes)
    try:
        evidence = header.read()
    except Wrong as error:
        yield refuted(claim, str(error), hint="fetch it again; a file that was made so should not be loaded")
    except Unread as error:
        yield unknown(claim, str(error))
    else:
        yield proved(claim, evidence)
    if header.templates:
        yield scan_templates(item, header.templates)


class _Header:
    def __init__(self, data: bytes, size_bytes: int):
        self.data, self.size_bytes, self.place = data, size_bytes, 0
        self.templates: list[str] = []
        self.alignment = ALIGNMENT
        self.num_values = 0

    def read(self) -> str:
        """What it holds, in words. Raises:  Wrong; Unread."""
        if self._take(4) != MAGIC:
            raise Unread("it does not begin as a GGUF file")
        version = self._number("<I")
        if version not in VERSIONS:
            raise Unread(f"version {version} is not known")
        num_tensors, num_keys = self._number("<Q"), self._number("<Q")
        self._require_room(num_tensors, 24, "tensors", MAX_TENSORS)
        self._require_room(num_keys, 13, "keys", MAX_KEYS)
        keys = set()
        for _ in range(num_keys):
            key = self._text()
            if key in keys:
                raise Wrong(f"{key[:80]} stands twice")
            keys.add(key)
            self._keep(key, self._value(self._number("<I")))
        spans = [self._tensor() for _ in range(num_tensors)]
        self._require_apart(spans)
        return f"{num_keys} keys, {num_tensors} tensors, each within the file"

    def _keep(self, key: str, value: Any) -> None:
        if key == ALIGNMENT_KEY:
            if not isinstance(value, int) or value < 8 or value % 8 or value > 2**20:
                raise Wrong(f"{key} is {str(value)[:40]}")
            self.alignment = value
        if TEMPLATE_KEY in key and isinstance(value, str):
            self.templates.append(value)

    def _take(self, count: int) -> bytes:
        if count > self.size_bytes - self.place:
            raise Wrong(f"{count:,} bytes at {self.place:,}, where the file has {self.size_bytes:,}")
        if self.place + count > len(self.data):
            raise Unread(f"the header is longer than the {MAX_HEADER_BYTES:,} bytes that are looked at")
        self.place += count
        return self.data[self.place - count : self.place]

    def _number(self, form: str) -> int:
        return int(struct.unpack(form, self._take(struct.calcsize(form)))[0])

    def _text(self) -> str:
        return self._take(self._number("<Q")).decode("utf-8", "replace")

    def _require_room(self, count: int, least_bytes: int, what: str, at_most: int) -> None:
        if count * least_bytes > self.size_bytes - self.place:
            raise Wrong(f"{count:,} {what}, for which the file has no room")
        if count > at_most:
            raise Unread(f"{count:,} {what}; at most {at_most:,} are looked at")

    def _value(self, kind: int, depth: int = 0) -> Any:
        if kind in NUMBERS:
            return int.from_bytes(self._take(NUMBERS[kind]), "little")
        if kind == STRING:
            return self._text()
        if kind != ARRAY:
            raise Wrong(f"a value of type {kind}, which there is not")
        return self._array(depth)

    def _array(self, depth: int) -> None:
        kind, count = self._number("<I"), self._number("<Q")
        if depth == MAX_DEPTH:
            raise Unread(f"arrays more than {MAX_DEPTH} deep")
        if kind in NUMBERS:
            self._take(count * NUMBERS[kind])
            return
        self.num_values += count
        self._require_room(count, 8, "values of an array", MAX_VALUES)
        self._require_room(self.num_values, 0, "values of all arrays", MAX_VALUES)
        for _ in range(count):
            self._value(kind, depth + 1)

    def _tensor(self) -> tuple[int, int, str]:
        """Where its bytes begin and end, and its name."""
        name, num_dimensions = self._text(), self._number("<I")
        if num_dimensions > MAX_DIMENSIONS:
            raise Wrong(f"{name[:80]} has {num_dimensions} dimensions")
        count = 1
        shape = [self._number("<Q") for _ in range(num_dimensions)]
        for length in shape:
            count *= length
        kind, begins_at = self._number("<I"), self._number("<Q")
        if kind not in BLOCKS:
            raise Unread(f"{name[:80]} is of type {kind}, which is not known")
        in_block, block_bytes = BLOCKS[kind]
        if count >= MAX_SIZE or count % in_block or (shape and shape[0] % in_block):
            raise Wrong(f"{name[:80]} has a shape that its type cannot have")
        return begins_at, begins_at + count // in_block * block_bytes, name

    def _require_apart(self, spans: list[tuple[int, int, str]]) -> None:
        begins_at = -(-self.place // self.alignment) * self.alignment
        end = 0
        for first, last, name in sorted(spans):
            if first % self.alignment or first < end:
                raise Wrong(f"{name[:80]} begins at {first:,}, over another or between two places")
            if begins_at + last > self.size_bytes:
                raise Wrong(f"{name[:80]} ends at {begins_at + last:,}, where the file has {self.size_bytes:,}")
            end = last
