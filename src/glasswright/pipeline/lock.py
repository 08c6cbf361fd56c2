"""One build at a time in one work folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glasswright.errors import Misuse
from glasswright.store.atomic import CONDITIONS, PLACES, explained


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


def _hold(work: Path, lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Misuse(
            f"{work}: another build is using this work folder", hint="wait for it, or name another with --work"
        ) from error
    except OSError as error:
        raise Misuse(
            f"{work}: its file system has no locks: {error.strerror}",
            hint="name a folder on a local disk with --work: without a lock two builds could overwrite each other",
        ) from error
