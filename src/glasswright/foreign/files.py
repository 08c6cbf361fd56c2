"""A plain file, opened so that nothing in its place can mislead or hold us.

    a link below the folder      not followed, in any part of the path
    a pipe, a socket, a device   never opened: to open one can wait for ever, or do something
    a file without end           the caller states how many bytes are read
    a file that changes          its size and time are the same before and after, or it was not read

A path that the user named is followed where it leads; what lies below a folder that the user named is not.
"""

import errno
import io
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from glasswright.errors import GlasswrightError
from glasswright.foreign.held import READ_ONLY, Held, held

LINK = "a symbolic link"
_seeking = threading.Lock()
KINDS = {
    stat.S_IFREG: "a plain file",
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: LINK,
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


class NotRead(GlasswrightError):
    """A file was not read, or not as it is. `path` names it; `why` says what is wrong without naming it."""

    def __init__(self, path: str | Path, why: str, *, hint: str | None = None):
        super().__init__(f"{path}: {why}", hint=hint)
        self.path, self.why = str(path), why


class Missing(NotRead):
    """Nothing has this name."""


class NotPlain(NotRead):
    """It is a link, a folder, a pipe, a socket or a device."""


class TooLarge(NotRead):
    """It has more bytes, or entries, than the bound that the caller stated."""


class Changed(NotRead):
    """It was not the same at the end of the reading as at its beginning."""

    exit_code = 3


class Unreadable(NotRead):
    """The operating system refuses to read it."""

    exit_code = 3


@contextmanager
def opened(path: str | Path, *, below: Path | None = None) -> Iterator[BinaryIO]:
    """A plain file to read from. How much of it is read is the caller's to bound.

    below:  the folder that `path` is relative to, written with `/`; then no link is followed

    Raises:  Missing, NotPlain, Unreadable (from the file's own `read` as well); Changed at the end of the block.
    """
    with _Plain(_descriptor(path, below), str(path)) as raw:
        before = os.fstat(raw.fileno())
        file = io.BufferedReader(raw)  # which closes what it reads from when it goes
        yield file
        after = os.fstat(raw.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Changed(path, f"changed while it was read: {before.st_size} bytes, then {after.st_size}")


def read(path: str | Path, *, max_bytes: int, below: Path | None = None) -> bytes:
    """All bytes of a file.

    Raises:  what `opened` does; TooLarge, before anything is read, if it has more than `max_bytes`.
    """
    with opened(path, below=below) as file:
        size = size_of(file)
        if size > max_bytes:
            raise TooLarge(path, f"{size:,} bytes, where at most {max_bytes:,} are read")
        data = file.read(size + 1)
        if len(data) != size:
            raise Changed(
                path, f"changed while it was read: {size} bytes, then {'more' if len(data) > size else 'fewer'}"
            )
    return data


def size_of(file: BinaryIO) -> int:
    """The size of an open file in bytes."""
    return os.fstat(file.fileno()).st_size


def read_at(file: BinaryIO, buffer: memoryview, offset: int) -> int:
    """Read from a place of an open file into a buffer; the number of bytes, 0 at the end. Threads may share the file.

    Raises:  Unreadable.
    """
    with explained(file.name):
        if hasattr(os, "preadv"):
            return os.preadv(file.fileno(), [buffer], offset)
        with _seeking:
            os.lseek(file.fileno(), offset, os.SEEK_SET)
            data = os.read(file.fileno(), len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Plain(io.FileIO):
    """A descriptor whose failing reads name the file."""

    def __init__(self, descriptor: int, path: str):
        super().__init__(descriptor, "rb")
        self.name = path

    def readinto(self, buffer: Any) -> int:
        try:
            return super().readinto(buffer) or 0
        except OSError as error:
            raise Unreadable(self.name, f"cannot be read: {error.strerror}") from error


def _descriptor(path: str | Path, below: Path | None) -> int:
    with explained(path):
        if below is None:
            return _open_plain(os.stat(path), partial(os.open, path, READ_ONLY), path)  # noqa: PTH116 (Path takes "" for ".")
        *folders, name = os.fspath(path).split("/")
        if any(part in ("", ".", "..") for part in (*folders, name)):
            raise NotPlain(path, "not a path below a folder")
        folder = held(below)
        try:
            for part in folders:
                inner = enter(folder, part, path)
                folder.close()
                folder = inner
            return _open_plain(folder.look(name), partial(folder.open, name), path)
        finally:
            folder.close()


def enter(folder: Held, name: str, path: str | Path) -> Held:
    """A folder in a folder; `path` names it in errors.

    Raises:  NotPlain for a link; OSError, for `explained`.
    """
    if stat.S_ISLNK(folder.look(name).st_mode):
        raise NotPlain(path, f"behind {LINK}, which is not followed")
    return folder.enter(name)


def _open_plain(found: os.stat_result, open_it: Callable[[], int], path: str | Path) -> int:
    """Looked at before it is opened, for opening a device does something, and after it, for it may be another."""
    _require_plain(found, path)
    descriptor = open_it()
    try:
        _require_plain(os.fstat(descriptor), path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _require_plain(found: os.stat_result, path: str | Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotPlain(path, f"{kind_of(found.st_mode)}, where a plain file was expected")


def kind_of(mode: int) -> str:
    """What something is, in words, by its `st_mode`."""
    return KINDS.get(stat.S_IFMT(mode), "neither a file nor a folder")


@contextmanager
def explained(path: str | Path) -> Iterator[None]:
    """Turn the operating system's refusal to open into a NotRead."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        # ValueError: a name that no file can have, with a NUL or half of a surrogate pair in it.
        raise Missing(path, "no such file or folder") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotPlain(path, f"{LINK} that is not followed, or that leads nowhere") from error
        raise Unreadable(path, f"cannot be read: {error.strerror}") from error
