"""What lies in a folder: every entry is said, links and all, and none is followed.

Each folder is held while it is walked, so one that becomes a link meanwhile leads nowhere. What cannot be listed is an
entry as well, with the reason: a caller that counts what it looked at knows what it did not.
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from glasswright.foreign.files import NotRead, TooLarge, Unreadable, enter, explained, kind_of
from glasswright.foreign.held import Held, held

MAX_ENTRIES = 200_000
MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a folder."""

    path: str  # below the folder, written with "/"
    kind: Literal["file", "folder", "other", "unlisted"]  # unlisted: there may be more there than was said
    size_bytes: int = 0  # of a file
    why: str = ""  # of an other what it is: "a symbolic link", "a pipe"; of an unlisted one what was in the way

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path.rsplit("/", 1)[-1]


def walk(
    root: Path, *, max_entries: int = MAX_ENTRIES, max_depth: int = MAX_DEPTH, skip: frozenset[str] = frozenset()
) -> Iterator[Entry]:
    """Everything below a folder, in the order of names; a folder before what is in it.

    skip:  names of folders that are not entered

    Raises:  Missing, NotPlain or Unreadable for the folder itself; TooLarge after `max_entries` entries.
    """
    with explained(root):
        folder = held(root)
    try:
        yield from _Walk(root, max_entries, max_depth, skip).below(folder, "", 0)
    finally:
        folder.close()


@dataclass
class _Walk:
    root: Path
    max_entries: int
    max_depth: int
    skip: frozenset[str]
    num_entries: int = 0

    def below(self, folder: Held, path: str, depth: int) -> Iterator[Entry]:
        before = folder.changed_at_ns()
        try:
            names = self._names(folder, path)
        except Unreadable as error:
            if not path:
                raise
            yield Entry(path, "unlisted", why=error.why)
            return
        for name in names:
            yield from self._entry(folder, name, f"{path}/{name}".lstrip("/"), depth)
        if folder.changed_at_ns() != before:
            yield Entry(path or ".", "unlisted", why="a folder that changed while it was listed")

    def _names(self, folder: Held, path: str) -> list[str]:
        names = []
        with explained(path or self.root):
            for name in folder.names():
                self.num_entries += 1
                if self.num_entries > self.max_entries:
                    raise TooLarge(self.root, f"more than {self.max_entries:,} files and folders")
                names.append(name)
        return sorted(names)

    def _entry(self, folder: Held, name: str, path: str, depth: int) -> Iterator[Entry]:
        try:
            with explained(path):
                found = folder.look(name)
        except NotRead as error:
            yield Entry(path, "unlisted", why=f"gone meanwhile: {error.why}")
            return
        if stat.S_ISREG(found.st_mode):
            yield Entry(path, "file", found.st_size)
        elif stat.S_ISDIR(found.st_mode):
            yield Entry(path, "folder")
            if name not in self.skip:
                yield from self._folder(folder, name, path, depth + 1)
        else:
            yield Entry(path, "other", why=kind_of(found.st_mode))

    def _folder(self, within: Held, name: str, path: str, depth: int) -> Iterator[Entry]:
        if depth > self.max_depth:
            yield Entry(path, "unlisted", why=f"more than {self.max_depth} folders deep")
            return
        try:
            with explained(path):
                folder = enter(within, name, path)
        except NotRead as error:
            yield Entry(path, "unlisted", why=error.why)
            return
        try:
            yield from self.below(folder, path, depth)
        finally:
            folder.close()
