"""The members of a tar archive, read onwards as it is unpacked, in bounded memory whatever its headers say.

Python's own reader reads the headers. It takes what they state on trust: long names, records of PAX and maps of sparse
files of any size, one after the other, and an end wherever a header is damaged. Here what leads from one member to the
next has a limit, and an end is two blocks of zeros, or that of the file.
"""

import tarfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from glasswright.corpus.sources.streams import Part

MAX_MEMBERS = 2**18
MAX_HEADER_BYTES = 2**16  # of a member, with all that comes before it: its long name, its records
MAX_SHARED_RECORDS = 100  # of PAX, that hold for every member after them
CHUNK_BYTES = 2**20


def members(file: BinaryIO) -> Iterator[tuple[tarfile.TarInfo, Part]]:
    """Header and content of each member, in order. A content can be read until the next one is asked for.

    Raises:  tarfile.TarError or ValueError if the archive is damaged or breaks a limit; EOFError if it ends within a
             member.
    """
    onwards = _Onwards(file)
    num_members = 0
    with tarfile.TarFile(fileobj=cast(BinaryIO, onwards), encoding="utf-8") as archive:
        while member := archive.next():
            num_members += 1
            if num_members > MAX_MEMBERS or len(archive.pax_headers) > MAX_SHARED_RECORDS:
                raise tarfile.ReadError(
                    f"it has more than {MAX_MEMBERS} members, or {MAX_SHARED_RECORDS} shared records"
                )
            archive.members.clear()  # type: ignore[attr-defined]  # it keeps them all
            yield member, Part(onwards.content, member.size)
            onwards.next_member()
    if onwards.last.strip(b"\0"):
        raise tarfile.ReadError(f"no header after member {num_members}")


class _Onwards:
    """A file as `tarfile` asks for it: never back, and no more in a row than headers may have."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._place = 0
        self.next_member()
        self.last = b""  # what was read last

    def next_member(self) -> None:
        self._room = MAX_HEADER_BYTES

    def tell(self) -> int:
        return self._place

    def seek(self, place: int) -> None:
        """Read on to a place. A size below zero leads back, where no header is."""
        while self._place < place and (data := self._file.read(min(CHUNK_BYTES, place - self._place))):
            self._place += len(data)

    def read(self, num_bytes: int) -> bytes:
        self._room -= num_bytes
        if num_bytes < 0 or self._room < 0:
            raise tarfile.ReadError(f"a header is longer than {MAX_HEADER_BYTES} bytes")
        self.last = self.content(num_bytes)
        return self.last

    def content(self, num_bytes: int) -> bytes:
        """Bytes of a member, which do not count as header."""
        data = self._file.read(num_bytes)
        self._place += len(data)
        return data
