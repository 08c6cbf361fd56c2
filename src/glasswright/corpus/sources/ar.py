"""The members of an `ar` archive, which is what a Debian package is.

!<arch>\\n, then for each member: a header of 60 bytes, the member, a byte to make it even

name 16 | time 12 | owner 6 | group 6 | mode 8 | size 10 | `\\n          all in ASCII, filled with spaces
"""

from collections.abc import Iterator
from typing import BinaryIO

from glasswright.corpus.sources.streams import Part

MAGIC, HEADER_BYTES, HEADER_END = b"!<arch>\n", 60, b"`\n"


def members(file: BinaryIO) -> Iterator[tuple[str, Part]]:
    """Name and content of each member, in order. A content can be read until the next one is asked for.

    Raises:  ValueError if the bytes are no archive; EOFError if it ends within a member.
    Source:  deb(5).
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("it is no ar archive")
    number = 0
    while header := file.read(HEADER_BYTES):
        number += 1
        size = header[48:58].strip()
        if len(header) < HEADER_BYTES or header[58:] != HEADER_END or not size.isdigit():
            raise ValueError(f"member {number} has no ar header")
        content = Part(file.read, int(size))
        yield header[:16].decode("ascii", "replace").strip().rstrip("/"), content
        content.skip()
        file.read(int(size) % 2)
