"""What a file may unpack to: so many times its size, or what any file may, however small.

Text packs to a tenth at best, a page that repeats itself to a hundredth; a file of zeros to a thousandth and less.
"""

MAX_GROWTH = 200  # unpacked bytes for each packed one
FREE_BYTES = 64 * 2**20  # that any file may unpack to


class OutOfProportion(ValueError):
    """A file unpacks to more than it may."""


class Growth:
    """What was unpacked of a file so far."""

    def __init__(self, packed: int, *, free: int = FREE_BYTES):
        """packed: size of the file in bytes; free: bytes that it may unpack to in any case"""
        self._packed = packed
        self._most = max(free, MAX_GROWTH * packed)
        self._unpacked = 0

    def add(self, num_bytes: int) -> None:
        """Raises:  OutOfProportion if that is too much."""
        self._unpacked += num_bytes
        if self._unpacked > self._most:
            raise OutOfProportion(
                f"out of all proportion: {self._packed} bytes unpack to more than {self._most} (the limit is "
                f"{MAX_GROWTH} times as much)"
            )
