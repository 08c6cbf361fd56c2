"""One build at a time in one work folder.

a build      holds WORK/.lock for itself
a watcher    looks whether it could share it, and lets go at once: a build that begins in that instant asks again
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glasswright.errors import Misuse, Unknown
from glasswright.store.atomic import CONDITIONS, PLACES, explained

WATCHED_FOR_S = 0.05  # more than a watcher takes


@contextmanager
def sole_user(work: Path) -> Iterator[None]:
    """Hold the work folder: two builds in one would overwrite each other.

    Raises:  Misuse if another process holds it, or if its file system has no locks; WriteFailed if it cannot be made.
             The hold ends with the process, however it ends.
    """
    with explained(work, CONDITIONS + PLACES):
        work.mkdir(parents=True, exist_ok=True)
        lock = os.open(work / ".lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _hold(work, lock)
        yield
    finally:
        with suppress(OSError):  # nothing was written to it: what a failing disk says here is no news
            os.close(lock)


def is_used(work: Path) -> bool:
    """Whether a process holds the work folder now.

    Raises:  Unknown if this system or its file system has no locks.
    """
    try:
        import fcntl  # not on Windows

        with (work / ".lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except BlockingIOError:
        return True
    except (OSError, ImportError) as error:
        raise Unknown(f"{work}: whether a build runs there cannot be found out: {error}") from error
    return False


def _hold(work: Path, lock: int) -> None:
    try:
        _take(lock)
    except BlockingIOError as error:
        raise Misuse(
            f"{work}: another build is using this work folder", hint="wait for it, or name another with --work"
        ) from error
    except OSError as error:
        raise Misuse(
            f"{work}: its file system has no locks: {error.strerror}",
            hint="name a folder on a local disk with --work: without a lock two builds could overwrite each other",
        ) from error


def _take(lock: int) -> None:
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(WATCHED_FOR_S)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
