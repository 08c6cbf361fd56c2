"""The files below a folder, in one order, none of them outside it.

Everything below the folder is listed, also what is not read: a link, a pipe, a socket. Nothing outside is ever read,
and opening never waits for anybody. What is read is the file that was listed, as it was then: one that was replaced,
or changes while it is read, is not read.
"""

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from glasswright.errors import Misuse

VERSION_CONTROL = frozenset({".git", ".hg", ".svn"})  # no documents of the folder's own
OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
REPLACED = frozenset([errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO])  # gone, a link, a socket
ANY_FOLDERS = "**"
TWICE = (ANY_FOLDERS, ANY_FOLDERS)
STAY = "the source must stay as it is while the corpus is collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, or what stands in a file's place and is not read (then `reason` says why)."""

    path: str  # with `/`, relative to the root, as `spelled`
    place: Path
    num_bytes: int = 0
    stamp: tuple[int, int] = (0, 0)  # of the file as it was listed: its inode, and when it was last written, in ns
    target: bytes = b""  # where a link leads, as it is written there
    reason: str | None = None


class NotRead(Misuse):
    """A file cannot be read as it was listed. `reason` is the code of its row, where the source goes on without it."""

    def __init__(self, entry: Entry, said: str, *, reason: str):
        super().__init__(f"{entry.place}: {said}", hint=STAY)
        self.reason = reason


def nothing_is_hidden(name: str) -> bool:  # noqa: ARG001
    return False


def walk(root: Path, is_hidden: Callable[[str], bool] = nothing_is_hidden) -> list[Entry]:
    """Everything below `root` but folders, by path. Links are listed and never followed.

    A folder that may not be listed, and whatever `is_hidden` says of by its name, is an entry with its reason.

    Raises:  Misuse if `root` itself cannot be listed.
    """
    top = os.path.realpath(root)
    found: list[Entry] = []
    folders = [(os.fspath(root), "")]
    while folders:
        folder, prefix = folders.pop()
        try:
            items = _listed(folder)
        except Misuse:
            if not prefix:
                raise
            found.append(Entry(path=prefix[:-1], place=Path(folder), reason="folder_not_readable"))
            continue
        for item in items:
            path = prefix + spelled(os.fsencode(item.name))
            if is_hidden(item.name):
                found.append(Entry(path=path, place=Path(item.path), reason="hidden"))
            elif not item.is_dir(follow_symlinks=False):
                found.append(_entry(item, path, top))
            elif item.name not in VERSION_CONTROL:
                folders.append((item.path, path + "/"))
    return sorted(found, key=lambda entry: entry.path.encode())


def entries(root: Path, include: tuple[str, ...], is_hidden: Callable[[str], bool] = nothing_is_hidden) -> list[Entry]:
    """One file; or everything below a folder that matches one of the patterns, if there are any."""
    return [file_entry(root)] if root.is_file() else included(walk(root, is_hidden), include)


def included(found: list[Entry], include: tuple[str, ...]) -> list[Entry]:
    """The entries that match one of the patterns, or all of them if there is none."""
    return [entry for entry in found if not include or any(matches(entry.path, pattern) for pattern in include)]


def file_entry(place: Path, path: str | None = None) -> Entry:
    """A file that is known by its place; links on the way there are followed.

    Raises:  OSError if it is not there.
    """
    place = place.resolve()
    return _as_it_is(Entry(path=path or spelled(os.fsencode(place.name)), place=place), place.stat())


def spelled(name: bytes) -> str:
    r"""A file's name as text, one for each name: bytes that are not UTF-8 are written \xNN, and so \ is written \\."""
    return name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def open_entry(entry: Entry) -> BinaryIO:
    """The file, at its beginning. No file of a source is opened anywhere else.

    Raises:  NotRead if it cannot be read, is no longer there, or is no longer the file that was listed.
    """
    try:
        descriptor = os.open(entry.place, OPEN)
    except OSError as error:
        if error.errno in REPLACED:
            raise NotRead(entry, f"is no longer what was listed: {error.strerror}", reason="file_changed") from error
        raise cannot_be_read(entry, error) from error
    file = os.fdopen(descriptor, "rb") if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    if file is None:
        os.close(descriptor)
        raise NotRead(entry, "is no longer a file", reason="file_changed")
    try:
        require_unchanged(entry, file)
    except NotRead:
        file.close()
        raise
    return file


def require_unchanged(entry: Entry, file: BinaryIO) -> None:
    """Raises:  NotRead if an open file is not, or is no longer, as it was listed."""
    if _as_it_is(entry, os.fstat(file.fileno())) != entry:
        raise NotRead(entry, "was changed after it was listed", reason="file_changed")


def read(entry: Entry, at_most: int | None = None) -> bytes:
    """The bytes of a file, or its first ones.

    Raises:  NotRead as `open_entry` does, and if the file is changed while it is read.
    """
    with open_entry(entry) as file:
        try:
            data = file.read(entry.num_bytes if at_most is None else min(at_most, entry.num_bytes))
        except OSError as error:
            raise cannot_be_read(entry, error) from error
        require_unchanged(entry, file)
    return data


def cannot_be_read(entry: Entry, error: OSError) -> NotRead:
    return NotRead(entry, f"cannot be read: {error.strerror}", reason="file_not_readable")


def matches(path: str, pattern: str) -> bool:
    """Whether a glob covers a whole relative path: `*` stays within a folder, `**` stands for any number of them.

    All places of the pattern that the path may have reached are kept at once: so many steps as there are places, times
    the parts of the path.
    """
    places = _places(pattern)
    reached = _past_folders({0}, places)
    for part in PurePosixPath(path).parts:
        further = {at for at in reached if at < len(places) and places[at] == ANY_FOLDERS}
        further |= {at + 1 for at in reached - further if at < len(places) and PurePosixPath(part).match(places[at])}
        reached = _past_folders(further, places)
    return len(places) in reached


@lru_cache
def _places(pattern: str) -> tuple[str, ...]:
    """The parts of a pattern; `**` that follow each other are one, and one at the end takes a name at least."""
    parts = [part for part, following in pairwise([*PurePosixPath(pattern).parts, ""]) if (part, following) != TWICE]
    return (*parts, "*") if parts and parts[-1] == ANY_FOLDERS else tuple(parts)


def _past_folders(reached: set[int], places: tuple[str, ...]) -> set[int]:
    """`**` may stand for no folder; none follows another."""
    return reached | {at + 1 for at in reached if at < len(places) and places[at] == ANY_FOLDERS}


def _listed(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return list(items)
    except OSError as error:
        raise Misuse(f"{folder}: cannot be listed: {error.strerror}", hint="check that you may read it") from error


def _entry(item: os.DirEntry[str], path: str, top: str) -> Entry:
    entry = Entry(path=path, place=Path(item.path))
    try:
        if item.is_symlink():
            stays = Path(os.path.realpath(item.path)).is_relative_to(top)
            target = os.fsencode(entry.place.readlink())
            return replace(entry, target=target, reason="link_not_followed" if stays else "link_leaves_source")
        status = entry.place.lstat()
    except FileNotFoundError:
        return replace(entry, reason="file_changed")
    except OSError:
        return replace(entry, reason="file_not_readable")
    return _as_it_is(entry, status) if stat.S_ISREG(status.st_mode) else replace(entry, reason="not_a_file")


def _as_it_is(entry: Entry, status: os.stat_result) -> Entry:
    return replace(entry, num_bytes=status.st_size, stamp=(status.st_ino, status.st_mtime_ns))
