"""How much of a file is read before a scan says that it did not look at all of it.

A small file can stand for an endless one: zeros that compress to nothing, a header that says how long it is, an archive
in an archive. Every reader of a scan reads through `Bounded`, so none of them can be led to take more than its share.
"""

import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

MAX_READ_BYTES = 2**30  # of one file
MAX_UNPACKED_BYTES = 2**30  # of one file, all archives in it together
MAX_UNPACKED_IN_ALL_BYTES = 2**33  # of all files of a scan
MAX_AT_ONCE_BYTES = 2**26
PIECE_BYTES = 2**20
MAX_NAMED = 5
MAX_NAME_CHARACTERS = 120


class BoundReached(Exception):
    """A reader wants more than it may have. No error of a file: none of its handlers may take it for one."""


@dataclass
class Budget:
    """Bytes that may still be read, out of another budget as well if it is part of one."""

    total: int
    part_of: "Budget | None" = None
    used: int = 0

    def take(self, count: int) -> None:
        """Raises:  BoundReached when there is nothing left."""
        self.used += count
        if self.used > self.total:
            raise BoundReached(f"more than {self.total:,} bytes would have to be read")
        if self.part_of is not None:
            self.part_of.take(count)


class Bounded(io.RawIOBase):
    """A file of which a budget of bytes is read, a bounded number at once.

    seeks:  the file can go to any place at no cost; else it goes forward by reading, and never back
    """

    def __init__(self, file: BinaryIO, budget: Budget, *, at_once: int = MAX_AT_ONCE_BYTES, seeks: bool = True):
        self.file, self.budget, self.at_once, self.seeks = file, budget, at_once, seeks

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Raises:  BoundReached."""
        if size is None or size < 0:
            size = self.at_once + 1
        data = self.file.read(min(size, self.at_once + 1))
        if len(data) > self.at_once:
            raise BoundReached(f"a piece of more than {self.at_once:,} bytes would have to be read")
        self.budget.take(len(data))
        return data

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def tell(self) -> int:
        return self.file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if self.seeks:
            return self.file.seek(offset, whence)
        if whence != os.SEEK_SET or offset < self.tell():
            raise BoundReached("it would have to be unpacked twice")
        while (left := offset - self.tell()) > 0:
            if not self.read(min(left, PIECE_BYTES)):
                break
        return self.tell()


def beginning(file: BinaryIO, max_bytes: int) -> bytes:
    """The first bytes from here on, read in pieces: at most `max_bytes`."""
    pieces: list[bytes] = []
    while max_bytes > 0 and (piece := file.read(min(max_bytes, PIECE_BYTES))):
        pieces.append(piece)
        max_bytes -= len(piece)
    return b"".join(pieces)


def named(names: Iterable[str], *, at_most: int = MAX_NAMED) -> str:
    """Some names in a sentence: the first few, each cut, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - at_most} more" if len(listed) > at_most else ""
    return ", ".join(name[:MAX_NAME_CHARACTERS] for name in listed[:at_most]) + more
