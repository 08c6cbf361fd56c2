"""The members of an `ar` archive, which is what a Debian package is.

!<arch>\\n, then for each member: a header of 60 bytes, the member, a byte to make it even

name 16 | time 12 | owner 6 | group 6 | mode 8 | size 10 | `\\n          all in ASCII, filled with spaces
"""

from collections.abc import Iterator

MAGIC, HEADER_BYTES, HEADER_END = b"!<arch>\n", 60, b"`\n"


def members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each member, in order.

    Raises:  ValueError if the bytes are no archive; EOFError if it ends within a member.
    Source:  deb(5).
    """
    if not data.startswith(MAGIC):
        raise ValueError("it is no ar archive")
    place = len(MAGIC)
    while place < len(data):
        header = data[place : place + HEADER_BYTES]
        size = header[48:58].strip()
        if len(header) < HEADER_BYTES or header[58:] != HEADER_END or not size.isdigit():
            raise ValueError(f"no ar header at byte {place}")
        start = place + HEADER_BYTES
        member = data[start : start + int(size)]
        if len(member) < int(size):
            raise EOFError("it ends within a member")
        yield header[:16].decode("ascii", "replace").strip().rstrip("/"), member
        place = start + int(size) + int(size) % 2
