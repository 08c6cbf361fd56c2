"""What a file may unpack to: so many times its size, or what any file may, however small.

Text packs to a tenth at best, a page that repeats itself to a hundredth; a file of zeros to a thousandth and less.
"""

from glasswright.errors import Misuse

MAX_GROWTH = 200  # unpacked bytes for each packed one
FREE_BYTES = 64 * 2**20  # that any file may unpack to


class OutOfProportion(Misuse):
    """A file unpacks to more than it may."""


class Growth:
    """What was unpacked of a file so far."""

    def __init__(self, what: object, packed: int, *, free: int = FREE_BYTES):
        """what: how errors call it; packed: its size in bytes; free: bytes that it may unpack to in any case"""
        self._what, self._packed = what, packed
        self._most = max(free, MAX_GROWTH * packed)
        self._unpacked = 0

    def add(self, num_bytes: int) -> None:
        """Raises:  OutOfProportion if that is too much."""
        self._unpacked += num_bytes
        if self._unpacked > self._most:
            raise OutOfProportion(
                f"{self._what}: grows out of all proportion: {self._packed} bytes hold more than {self._most}",
                hint=f"{MAX_GROWTH} times its size is the limit; if it is right, unpack it and name what it held",
            )
