"""Numbers of an HDF5 file, read in order from a place in some of its bytes."""

from dataclasses import dataclass


class NoFile(Exception):
    """The bytes are not what the format says, or are kept in a way that is not read here."""


@dataclass
class Cursor:
    """A place in some bytes, which goes forward as numbers are read."""

    data: bytes
    place: int
    offset_bytes: int
    length_bytes: int

    def left(self) -> int:
        return len(self.data) - self.place

    def take(self, count: int) -> bytes:
        if count < 0 or count > self.left():
            raise NoFile("something goes beyond its place")
        self.place += count
        return self.data[self.place - count : self.place]

    def padded(self, count: int, version: int) -> bytes:
        """Of an attribute's first version, filled up to eight bytes."""
        return self.take(-(-count // 8) * 8 if version == 1 else count)[:count]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "little")

    def offset(self) -> int:
        return self.number(self.offset_bytes)

    def length(self) -> int:
        return self.number(self.length_bytes)

    def is_undefined(self) -> bool:
        """Whether an address says that there is none."""
        end = self.place + self.offset_bytes
        return self.data[self.place : end] == b"\xff" * self.offset_bytes
