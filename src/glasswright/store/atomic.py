"""Files and folders that exist whole or not at all.

    write beside     .NAME.partial in the same folder
    fsync            the bytes, then (after the rename) the folder's entry
    rename           the one instant at which NAME comes to be

A process killed before the rename leaves only the partial, which the next writer of the same name removes. There is
one writer per name: who runs two builds in one place holds a lock of his own.

What the operating system refuses becomes a WriteFailed that says what to do, whichever call it refused.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from glasswright.errors import GlasswrightError, Misuse


@dataclass(frozen=True, slots=True)
class Refusal:
    """Errors of one kind, what could not be done, and what to do about it."""

    errnos: frozenset[int]
    what: str
    hint: str  # `{folder}` and `{free}` stand for the folder written to and the MiB free in it


AGAIN = "then run the same command again; what was finished is kept"
DISK_IS_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Of the machine: whoever meets one of these did nothing wrong.
CONDITIONS = (
    Refusal(
        DISK_IS_FULL, "cannot write", "{free} MiB are free in {folder}: free some space or raise the limit, " + AGAIN
    ),
    Refusal(
        frozenset({errno.EIO, errno.EREMOTEIO, errno.ESTALE, errno.ENOLINK}),
        "cannot read or write",
        "the disk, or the way to it, fails: look into the system's log, copy what you need to another, " + AGAIN,
    ),
    Refusal(
        frozenset({errno.EROFS}),
        "cannot write",
        "{folder} is mounted read-only, which Linux also does after a disk has failed: make it writable, " + AGAIN,
    ),
    Refusal(
        frozenset({errno.EMFILE, errno.ENFILE}),
        "cannot open",
        "too many files are open: raise the limit (`ulimit -n`), " + AGAIN,
    ),
)
# Of the place named: only where the place is our own is it the user's to mend, and not a defect.
PLACES = (
    Refusal(
        frozenset({errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}),
        "cannot write",
        "check that the folder {folder} exists and that you may write to it",
    ),
    Refusal(
        frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.EISDIR, errno.EBUSY}),
        "cannot write",
        "something else is there, or is being put there: look into {folder}",
    ),
)


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
    with explained(path), path.open("ab") as file:
        file.write(data)
        if sync:
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; it becomes `path` when the block ends, and vanishes if the block raises.

    Raises:  WriteFailed if the disk is full, read-only, failing or gone. If only the folder's entry could not be
             brought to the disk, `path` holds the new bytes already, and a power cut may bring back the old.
    """
    partial = _partial(path)
    with explained(path, CONDITIONS + PLACES):
        file = partial.open("wb")
    try:
        with explained(path), file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with explained(path, CONDITIONS + PLACES):
            partial.replace(path)
            _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill; it becomes `path` when the block ends, and vanishes if the block raises.

    Raises:  Misuse if `path` exists; WriteFailed if the disk is full, read-only, failing or gone.
    """
    if path.exists() or path.is_symlink():
        raise Misuse(f"{path}: exists already", hint="move it away, or name another folder")
    partial = _partial(path)
    with explained(path, CONDITIONS + PLACES):
        remove(partial)
        partial.mkdir()
    try:
        with explained(path):
            yield partial
            _sync_tree(partial)
        with explained(path, CONDITIONS + PLACES):
            _move(partial, path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


@contextmanager
def explained(path: Path, refusals: tuple[Refusal, ...] = CONDITIONS) -> Iterator[None]:
    """Turn the operating system's refusals into errors that a user can act on. `path` is what is being made."""
    try:
        yield
    except OSError as error:
        for refusal in refusals:
            if error.errno in refusal.errnos:
                raise WriteFailed(_message(path, refusal, error), hint=_hint(path, refusal)) from error
        raise


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it; nothing if there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()


def remove_partials(folder: Path) -> None:
    """Remove what writers that were killed left in `folder` or below it. Nobody may be writing there now.

    Raises:  WriteFailed if something cannot be removed.
    """
    with explained(folder, CONDITIONS + PLACES):
        for partial in list(folder.rglob(".*.partial")):
            remove(partial)


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")


def _move(partial: Path, path: Path) -> None:
    """Give a folder its name; taken back if its entry cannot be brought to the disk."""
    partial.rename(path)
    try:
        _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            path.rename(partial)
        raise


def _message(path: Path, refusal: Refusal, error: OSError) -> str:
    assert error.errno is not None
    message = f"{path}: {refusal.what}: {os.strerror(error.errno)}"
    met = error.filename2 or error.filename
    return message if met is None or Path(str(met)) in (path, _partial(path)) else f"{message}: {met}"


def _hint(path: Path, refusal: Refusal) -> str:
    free = 0
    with suppress(OSError):
        free = shutil.disk_usage(path.parent).free
    return refusal.hint.format(folder=path.parent, free=free // 2**20)


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
