"""A file to look into, wherever it is: in the folder, in an archive there, or packed in another file."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

from glasswright.audit.scan.bounds import Budget, beginning


@dataclass
class Notes:
    """What is said once for all files of a scan."""

    num_inert: dict[str, int] = field(default_factory=dict)  # kind -> how many files hold nothing that is run
    unknown: list[str] = field(default_factory=list)  # of no kind that is known
    numbers: dict[str, str] = field(default_factory=dict)  # a file of bare numbers -> the graph or index that says so

    def inert(self, kind: str) -> None:
        """Count a file that holds nothing that is run."""
        self.num_inert[kind] = self.num_inert.get(kind, 0) + 1


@dataclass(frozen=True, slots=True)
class Item:
    """One file. `open` gives its bytes, bounded."""

    shown: str  # path below the folder, and behind that the path in an archive
    size_bytes: int
    open: Callable[[], AbstractContextManager[BinaryIO]]
    is_beside: Callable[[str], bool] | None  # whether a file lies in the same folder; None: not known in an archive
    unpacked: Budget  # of all that is unpacked from it
    notes: Notes
    depth: int = 0  # how many archives it lies in

    @property
    def name(self) -> str:
        """Its own name in small letters: kinds are told by the end of it."""
        return self.shown.rsplit("/", 1)[-1].lower()

    def beginning(self, max_bytes: int) -> bytes:
        """At most so many bytes of it, the first."""
        with self.open() as file:
            return beginning(file, max_bytes)

    def within(self, name: str, data: bytes) -> "Item":
        """What lies in it, unpacked."""
        return Item(f"{self.shown}/{name}", len(data), held(data), None, self.unpacked, self.notes, self.depth + 1)

    def names_numbers(self, path: str) -> None:
        """Note that a file in the same folder holds bare numbers, which this one describes."""
        beside = (PurePosixPath(self.shown).parent / path).as_posix()
        self.notes.numbers.setdefault(beside, self.shown)


def held(data: bytes) -> Callable[[], AbstractContextManager[BinaryIO]]:
    """Opens bytes that are in memory."""

    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        yield io.BytesIO(data)

    return opened
