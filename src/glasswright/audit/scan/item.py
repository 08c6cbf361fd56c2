"""A file to look into, wherever it is: in the folder, or in an archive there."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from glasswright.audit.scan.bounds import Budget, beginning


@dataclass(frozen=True, slots=True)
class Item:
    """One file. `open` gives its bytes, bounded."""

    shown: str  # path below the folder, and behind that the path in an archive
    size_bytes: int
    open: Callable[[], AbstractContextManager[BinaryIO]]
    is_beside: Callable[[str], bool] | None  # whether a file lies in the same folder; None: not known in an archive
    unpacked: Budget  # of all that is unpacked from it
    depth: int = 0  # how many archives it lies in

    @property
    def name(self) -> str:
        """Its own name in small letters: kinds are told by the end of it."""
        return self.shown.rsplit("/", 1)[-1].lower()

    def beginning(self, max_bytes: int) -> bytes:
        """At most so many bytes of it, the first."""
        with self.open() as file:
            return beginning(file, max_bytes)
