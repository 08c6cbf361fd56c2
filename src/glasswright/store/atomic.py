"""Files and folders that exist whole or not at all.

    write beside     .NAME.partial in the same folder
    fsync            the bytes, then (after the rename) the folder's entry
    rename           the one instant at which NAME comes to be

A process killed before the rename leaves only the partial, which the next writer of the same name removes. There is
one writer per name: who runs two builds in one place holds a lock of his own.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from glasswright.errors import GlasswrightError, Misuse

DISK_IS_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
MAY_NOT_WRITE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EIO})


class WriteFailed(GlasswrightError):
    """The disk did not take the bytes. What was there before is unchanged."""


def write_atomic(path: Path, data: bytes) -> None:
    """Put `data` in the file at `path`, replacing what was there."""
    with atomic_file(path) as file:
        file.write(data)


def append(path: Path, data: bytes, *, sync: bool = False) -> None:
    """Add `data` to the end of the file at `path`; with `sync`, all of the file is on the disk when this returns.

    Raises:  WriteFailed if the disk does not take it: the file may then end in a part of `data`.
    """
    with _explained(path), path.open("ab") as file:
        file.write(data)
        if sync:
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; it becomes `path` when the block ends, and vanishes if the block raises.

    Raises:  WriteFailed if the disk is full, read-only or gone.
    """
    partial = _partial(path)
    with _explained(path):
        file = partial.open("wb")
    try:
        with _explained(path, DISK_IS_FULL), file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _explained(path):
            partial.replace(path)
            _sync_folder(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill; it becomes `path` when the block ends, and vanishes if the block raises.

    Raises:  Misuse if `path` exists; WriteFailed if the disk is full, read-only or gone.
    """
    if path.exists() or path.is_symlink():
        raise Misuse(f"{path}: exists already", hint="move it away, or name another folder")
    partial = _partial(path)
    shutil.rmtree(partial, ignore_errors=True)
    with _explained(path):
        partial.mkdir()
    try:
        with _explained(path, DISK_IS_FULL):
            yield partial
            _sync_tree(partial)
        with _explained(path):
            partial.rename(path)
            _sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")


@contextmanager
def _explained(path: Path, reasons: frozenset[int] = DISK_IS_FULL | MAY_NOT_WRITE) -> Iterator[None]:
    """Turn the operating system's refusal to write into an error a user can act on."""
    try:
        yield
    except OSError as error:
        if error.errno not in reasons:
            raise
        raise WriteFailed(f"{path}: cannot write: {os.strerror(error.errno)}", hint=_hint(path, error)) from error


def _hint(path: Path, error: OSError) -> str:
    if error.errno not in DISK_IS_FULL:
        return f"check that the folder {path.parent} exists and that you may write to it"
    free = 0
    with suppress(OSError):
        free = shutil.disk_usage(path.parent).free
    return (
        f"{free / 2**20:.0f} MiB are free in {path.parent}: free some space or raise the limit, then run the same "
        "command again; what was finished is kept"
    )


def _sync_tree(folder: Path) -> None:
    for root, _, names in os.walk(folder):
        for name in names:
            _sync(Path(root) / name, os.O_RDONLY)
        _sync_folder(Path(root))


def _sync_folder(folder: Path) -> None:
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
