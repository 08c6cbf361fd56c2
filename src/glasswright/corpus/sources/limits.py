"""How much a file of a source may be, and what it may unpack to: so many times its size, or what any file may.

Text packs to a tenth at best, a page that repeats itself to a hundredth; a file of zeros to a thousandth and less.
"""

from glasswright.errors import Misuse

MAX_DOCUMENT_BYTES = 64 * 2**20  # no document is longer, nor the row of a table that holds one
MAX_MARKUP_BYTES = 16 * 2**20  # of a page: parsed, it takes up to sixty times as much memory
MAX_PATH_BYTES = 4096  # what a file system takes
MAX_GROWTH = 200  # unpacked bytes for each packed one
FREE_BYTES = 64 * 2**20  # that any file may unpack to


class OutOfProportion(Misuse):
    """A file unpacks to more than it may."""


class Growth:
    """What was unpacked of a file so far."""

    def __init__(self, what: object, packed: int, *, free: int | None = None):
        """what: how errors call it; packed: its size in bytes; free: what it may unpack to, if not `FREE_BYTES`"""
        self._what, self._packed = what, packed
        self._most = max(FREE_BYTES if free is None else free, MAX_GROWTH * packed)
        self._unpacked = 0

    def add(self, num_bytes: int) -> None:
        """Raises:  OutOfProportion if that is too much."""
        self._unpacked += num_bytes
        if self._unpacked > self._most:
            raise OutOfProportion(
                f"{self._what}: grows out of all proportion: {self._packed} bytes hold more than {self._most}",
                hint=f"{MAX_GROWTH} times its size is the limit; if it is right, unpack it and name what it held",
            )
