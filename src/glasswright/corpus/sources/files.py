"""The files below a folder, in one order, none of them outside it.

Everything below the folder is listed, also what is not read: a link, a pipe, a socket. Nothing outside is ever read,
and opening never waits for anybody.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from glasswright.errors import Misuse

VERSION_CONTROL = frozenset({".git", ".hg", ".svn"})  # no documents of the folder's own
OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
STAY = "the source must stay as it is while the corpus is collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, or what stands in a file's place and is not read (then `reason` says why)."""

    path: str  # with `/`, relative to the root, as `spelled`
    place: Path
    num_bytes: int = 0
    reason: str | None = None


def walk(root: Path) -> list[Entry]:
    """Everything below `root` but folders, by path. Links are listed and never followed.

    Raises:  Misuse if a folder cannot be listed.
    """
    top = os.path.realpath(root)
    found: list[Entry] = []
    folders = [(os.fspath(root), "")]
    while folders:
        folder, prefix = folders.pop()
        for item in _listed(folder):
            path = prefix + spelled(os.fsencode(item.name))
            if not item.is_dir(follow_symlinks=False):
                found.append(_entry(item, path, top))
            elif item.name not in VERSION_CONTROL:
                folders.append((item.path, path + "/"))
    return sorted(found, key=lambda entry: entry.path.encode())


def entries(root: Path, include: tuple[str, ...]) -> list[Entry]:
    """One file; or everything below a folder that matches one of the patterns, if there are any."""
    if root.is_file():
        return [file_entry(root)]
    return [entry for entry in walk(root) if not include or any(matches(entry.path, pattern) for pattern in include)]


def file_entry(place: Path) -> Entry:
    """A file that is a source of its own."""
    return Entry(path=spelled(os.fsencode(place.name)), place=place.resolve(), num_bytes=place.stat().st_size)


def spelled(name: bytes) -> str:
    r"""A file's name as text, one for each name: bytes that are not UTF-8 are written \xNN, and so \ is written \\."""
    return name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def open_entry(entry: Entry) -> BinaryIO:
    """The file, at its beginning.

    Raises:  Misuse if it cannot be read, is no longer there, or is no longer a file.
    """
    try:
        descriptor = os.open(entry.place, OPEN)
    except OSError as error:
        raise cannot_be_read(entry, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Misuse(f"{entry.place}: is no longer a file", hint=STAY)
    return os.fdopen(descriptor, "rb")


def read(entry: Entry, at_most: int = -1) -> bytes:
    """The bytes of a file, or its first ones. Raises as `open_entry` does."""
    with open_entry(entry) as file:
        try:
            return file.read(at_most)
        except OSError as error:
            raise cannot_be_read(entry, error) from error


def cannot_be_read(entry: Entry, error: OSError) -> Misuse:
    return Misuse(f"{entry.place}: cannot be read: {error.strerror}", hint=STAY)


def matches(path: str, pattern: str) -> bool:
    """Whether a glob covers a whole relative path: `*` stays within a folder, `**` stands for any number of them."""
    return _match(PurePosixPath(path).parts, PurePosixPath(pattern).parts)


def _match(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        rest = pattern[1:] or ("*",)
        return any(_match(parts[start:], rest) for start in range(len(parts)))
    return bool(parts) and PurePosixPath(parts[0]).match(pattern[0]) and _match(parts[1:], pattern[1:])


def _listed(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            yield from items
    except OSError as error:
        raise Misuse(f"{folder}: cannot be listed: {error.strerror}", hint="check that you may read it") from error


def _entry(item: os.DirEntry[str], path: str, top: str) -> Entry:
    place = Path(item.path)
    if item.is_symlink():
        stays = Path(os.path.realpath(item.path)).is_relative_to(top)
        return Entry(path=path, place=place, reason="link_not_followed" if stays else "link_leaves_source")
    if not item.is_file(follow_symlinks=False):
        return Entry(path=path, place=place, reason="not_a_file")
    try:
        return Entry(path=path, place=place, num_bytes=item.stat(follow_symlinks=False).st_size)
    except OSError as error:
        raise cannot_be_read(Entry(path=path, place=place), error) from error
