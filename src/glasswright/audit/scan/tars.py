"""The members of a tar, listed by tarfile and held to bounds that tarfile has none of."""

import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from glasswright.audit.scan.bounds import Bounded, Budget

MAX_HEADERS_BYTES = 2**25  # of all members together
MAX_HEADER_BYTES = 2**13  # of an extended one: tarfile searches it with patterns that take the square of its length
# What tarfile raises at bytes that are no tar, or a damaged one.
DAMAGED = (tarfile.TarError, OSError, EOFError, ValueError, OverflowError, MemoryError, RecursionError)


class NotAnArchive(Exception):
    """Neither zip nor tar."""


class _Headers(Bounded):
    """A tar as tarfile reads it, which is its headers; the last of them is remembered."""

    last = b""

    def read(self, size: int | None = -1) -> bytes:
        self.last = super().read(size)
        return self.last


def tar_members(file: BinaryIO) -> Iterator[tarfile.TarInfo]:
    """Every member. Its bytes are the reader's to take from `file` at `offset_data`, before the next is asked for.

    Raises:  NotAnArchive; one of DAMAGED; BoundReached.
    """
    headers = _Headers(file, Budget(MAX_HEADERS_BYTES), at_once=MAX_HEADER_BYTES)
    try:
        archive = tarfile.TarFile(fileobj=headers)
    except tarfile.ReadError as error:
        raise NotAnArchive from error
    is_empty = True
    with archive:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # it would hold them all
            is_empty = False
            yield member
    if is_empty:  # nothing but zeros, which tarfile takes for the end of a tar
        raise NotAnArchive
    if headers.last.strip(b"\0"):  # tarfile takes a damaged header for the end; others skip it and go on
        raise tarfile.ReadError("a header between the members is damaged")
