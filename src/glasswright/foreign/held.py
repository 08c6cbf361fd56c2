"""A folder held open: what is reached through it lies in it, whatever becomes of the path that led there.

    held(root)          the folder that the user named, followed where it leads
    .names()            what it holds
    .look(name)         what one of these is; a link is said to be one, and not followed
    .enter(name)        a folder in it, and .open(name) a file, as a descriptor; neither through a link

A folder is held by its descriptor. Windows has none for folders: there it is held by its path, every part of which is
looked at again after a file was opened. Who swaps a folder for a link and back between the two is not noticed there.
"""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Self

# No waiting for a writer, no terminal taken over, no descriptor left to a child, no line end changed.
READ_ONLY = os.O_RDONLY | sum(getattr(os, f"O_{name}", 0) for name in ("NONBLOCK", "NOCTTY", "CLOEXEC", "BINARY"))
LEADS_ELSEWHERE = 0x20000000  # in the reparse tag of a link or a junction of Windows, and in no other file's


class Held(Protocol):
    """A folder that is held open."""

    def names(self) -> Iterator[str]:
        """The names of its entries, in the system's order."""

    def look(self, name: str) -> os.stat_result:
        """What an entry is. A link is not followed."""

    def enter(self, name: str) -> "Held":
        """A folder in it, which is no link."""

    def open(self, name: str) -> int:
        """A descriptor of a file in it, which is no link."""

    def changed_at_ns(self) -> int:
        """When an entry last came or went."""

    def close(self) -> None:
        """Let go of it."""


def held(root: str | Path) -> Held:
    """The folder that the user named. Raises:  OSError, as all that is done with it."""
    by_descriptor = os.open in os.supports_dir_fd and os.scandir in os.supports_fd and hasattr(os, "O_NOFOLLOW")
    return ByDescriptor.of(root) if by_descriptor else ByPath(str(root), None)


class ByDescriptor:
    """A folder by its descriptor."""

    def __init__(self, descriptor: int):
        self._descriptor = descriptor

    @classmethod
    def of(cls, root: str | Path) -> Self:
        """The folder of this name."""
        return cls(os.open(root, READ_ONLY | os.O_DIRECTORY))

    def names(self) -> Iterator[str]:
        with os.scandir(self._descriptor) as entries:
            yield from (entry.name for entry in entries)

    def look(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)

    def enter(self, name: str) -> "ByDescriptor":
        return ByDescriptor(os.open(name, READ_ONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self._descriptor))

    def open(self, name: str) -> int:
        return os.open(name, READ_ONLY | os.O_NOFOLLOW, dir_fd=self._descriptor)

    def changed_at_ns(self) -> int:
        return os.fstat(self._descriptor).st_mtime_ns

    def close(self) -> None:
        os.close(self._descriptor)


class ByPath:
    """A folder by its path, where the system has no descriptors of folders."""

    def __init__(self, path: str, within: "ByPath | None"):
        self._path, self._within = path, within
        self._found = self._look()
        if stat.S_ISLNK(self._found.st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        if not stat.S_ISDIR(self._found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)

    def names(self) -> Iterator[str]:
        with os.scandir(self._path) as entries:
            yield from (entry.name for entry in entries)
        self._require_unmoved()

    def look(self, name: str) -> os.stat_result:
        return _look(self._to(name))

    def enter(self, name: str) -> "ByPath":
        return ByPath(self._to(name), self)

    def open(self, name: str) -> int:
        path = self._to(name)
        descriptor = os.open(path, READ_ONLY)
        try:
            self._require_unmoved()
            if stat.S_ISLNK(_look(path).st_mode):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def changed_at_ns(self) -> int:
        return self._look().st_mtime_ns

    def close(self) -> None:
        """Nothing is held."""

    def _to(self, name: str) -> str:
        if any(mark in name for mark in "/\\:"):  # a way up or to another drive, or a stream within a file
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return os.path.join(self._path, name)  # noqa: PTH118

    def _look(self) -> os.stat_result:
        return _look(self._path) if self._within else Path(self._path).stat()

    def _require_unmoved(self) -> None:
        folder: ByPath | None = self
        while folder:
            if not os.path.samestat(folder._found, folder._look()):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), folder._path)
            folder = folder._within


def _look(path: str) -> os.stat_result:
    """What has this name; a junction of Windows is a link as well, though its mode is that of a folder."""
    found = os.lstat(path)
    if getattr(found, "st_reparse_tag", 0) & LEADS_ELSEWHERE:
        return os.stat_result((stat.S_IFLNK, *found[1:]))
    return found
