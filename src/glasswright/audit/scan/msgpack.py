"""MessagePack, in which Flax keeps weights: walked from value to value, nothing made of any.

A reader of it runs nothing, unless it makes something of an extension. Flax has three: an array, a complex number, a
number of NumPy. Another's extensions mean what it says they do.
"""

import io
from typing import BinaryIO

from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, unknown
from glasswright.records.verdict import Finding

MAX_VALUES = 3_000_000
EXTENSIONS_OF_FLAX = frozenset((1, 2, 3))
# First byte -> bytes of its length, and how many bytes or values each of it stands for.  Source:  msgpack's spec.md.
BYTES = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
EXTENSIONS = {0xC7: 1, 0xC8: 2, 0xC9: 4}
FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
NUMBERS = {0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
LISTS, MAPS = {0xDC: 2, 0xDD: 4}, {0xDE: 2, 0xDF: 4}
NOTHING = frozenset((0xC0, 0xC2, 0xC3))


class NoValue(Exception):
    """The bytes are no MessagePack."""


def scan_msgpack(item: Item) -> Finding:
    """The finding of one file."""
    claim = f"{item.shown}: reading it makes numbers and texts alone"
    with item.open() as file:
        walk = _Walk(file, item.size_bytes)
        try:
            walk.run()
        except NoValue as error:
            return unknown(claim, f"could not be read: {error}")
    if strange := sorted(walk.extensions - EXTENSIONS_OF_FLAX):
        return unknown(claim, f"extensions {', '.join(map(str, strange))} mean what their reader takes them for")
    return proved(claim, f"{walk.num_values} values, to its end")


class _Walk:
    def __init__(self, file: BinaryIO, size_bytes: int):
        self.file, self.size_bytes, self.place = file, size_bytes, 0
        self.num_values = 0
        self.extensions: set[int] = set()

    def run(self) -> None:
        """Raises:  NoValue."""
        left = 1
        while left:
            left += self._value() - 1
            self.num_values += 1
            if self.num_values > MAX_VALUES or left > MAX_VALUES:
                raise NoValue(f"more than {MAX_VALUES:,} values")
        if self.place != self.size_bytes:
            raise NoValue(f"{self.size_bytes - self.place:,} bytes behind its value")

    def _value(self) -> int:
        """Goes past one value, but for what is in it: how many values that is."""
        first = self._number(1)
        if first in MAPS or 0x80 <= first <= 0x8F:
            return 2 * (self._number(MAPS[first]) if first in MAPS else first & 0x0F)
        if first in LISTS or 0x90 <= first <= 0x9F:
            return self._number(LISTS[first]) if first in LISTS else first & 0x0F
        if first in EXTENSIONS or first in FIXED_EXTENSIONS:
            length = self._number(EXTENSIONS[first]) if first in EXTENSIONS else FIXED_EXTENSIONS[first]
            self.extensions.add(self._number(1))
            self._skip(length)
        elif first in BYTES:
            self._skip(self._number(BYTES[first]))
        elif 0xA0 <= first <= 0xBF:
            self._skip(first & 0x1F)
        elif first in NUMBERS:
            self._skip(NUMBERS[first])
        elif first not in NOTHING and 0x80 <= first < 0xE0:
            raise NoValue(f"nothing begins with {first:#04x}")
        return 0

    def _number(self, count: int) -> int:
        data = self.file.read(count)
        if len(data) < count:
            raise NoValue("it ends within a value")
        self.place += count
        return int.from_bytes(data, "big")

    def _skip(self, count: int) -> None:
        self.place += count
        if self.place > self.size_bytes:
            raise NoValue("it ends within a value")
        self.file.seek(count, io.SEEK_CUR)
