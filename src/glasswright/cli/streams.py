"""Standard output and error, whatever they are: closed, full, in a narrow character set, or read by nobody any more.

The answer goes to stdout: if it cannot be written, nothing was shown, and that is what the exit code says. Talk goes to
stderr: that nobody hears it ends no work.
"""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from glasswright.errors import Unknown

_has_written = False


class NotShown(Unknown):
    """The answer could not be written."""


def prepare() -> None:
    """Make both fit to be written to, before anything is opened in their place.

    Raises:  NotShown if stdout is closed.
    """
    is_closed = sys.stdout is None
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    nowhere = Path(os.devnull)
    sys.stdin = sys.stdin or nowhere.open()
    sys.stdout = sys.stdout or nowhere.open("w")
    sys.stderr = sys.stderr or nowhere.open("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if is_closed:
        raise NotShown("standard output is closed", hint="`>/dev/null`, if nobody is to read the answer")


def write(line: str) -> None:
    """A line of the answer.

    Raises:  NotShown; BrokenPipeError if its reader left.
    """
    global _has_written
    _has_written = True
    with _shown():
        print(line)


def has_written() -> bool:
    """Whether something of an answer is on stdout."""
    return _has_written


def forget() -> None:
    """Nothing is written yet: a command line begins."""
    global _has_written
    _has_written = False


def flush() -> None:
    """Write what is held back. Raises:  as `write` does."""
    with _shown():
        sys.stdout.flush()


def talk(text: str) -> None:
    """Some words on stderr, if anybody hears them."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        drop_talk()


def is_utf8() -> bool:
    """Whether stdout takes every character."""
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def drop_talk() -> None:
    """Point stderr at nothing: what could not be written is held, and Python's flush at exit would make it 120."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def settle() -> None:
    """Before the end: nobody may hear the talk, and that changes no exit code."""
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        drop_talk()


def drop_output() -> None:
    """Point stdout at nothing, so that Python's own flush at exit does not complain again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@contextlib.contextmanager
def _shown() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output()
        told = f"the output cannot be written: {error.strerror or error}"
        raise NotShown(told, hint="free some space, or write it elsewhere, and ask again") from error
