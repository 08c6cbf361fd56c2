"""What ends a command other than its result: the message, the hint and the exit code.

GlasswrightError          its own exit code, its message and its hint
a wrong command line   2  what was wrong, and where the help is
Ctrl-C, SIGTERM      130  what was done is saved; the command that goes on
a package missing      2  which extra brings it
a reader that left     3  nobody heard the answer, so nothing was shown
a full disk behind it  3  the same
anything else          3  a defect of Glasswright: the traceback, so that it can be reported
"""

import os
import shlex
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from glasswright import __version__
from glasswright.cli.progress import say
from glasswright.cli.show import printable
from glasswright.errors import GlasswrightError, Interrupted
from glasswright.store.atomic import DISK_IS_FULL

STOPS = (signal.SIGINT, signal.SIGTERM)
GOES_ON = (["build"], ["rebuild"], ["replay"], ["corpus", "build"])  # verbs that continue where they were stopped


def exit_code_of(error: BaseException) -> int:
    """Say what happened, and return the exit code that goes with it."""
    if isinstance(error, KeyboardInterrupt) or _is_duckdb_s(error):
        error = Interrupted("stopped; what was done is saved" if _goes_on() else "stopped")
    if isinstance(error, GlasswrightError):
        return _told(str(error), error.hint or _how_to_go_on(error), error.exit_code)
    if isinstance(error, BrokenPipeError):
        _drop_output()
        return 3
    if isinstance(error, typer.exceptions.TyperException):
        return _misuse(error)
    if isinstance(error, EOFError | typer.Abort):
        return _told("the input ended before an answer was given", None, 2)
    if isinstance(error, OSError) and error.errno in DISK_IS_FULL and error.filename is None:
        _drop_output()
        return _told(f"the output cannot be written: {error.strerror}", "free some space, and ask again", 3)
    if isinstance(error, OSError) and error.filename is not None:
        return _told(f"{error.filename}: {error.strerror}", None, 2)
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("glasswright"):
        hint = 'training needs more than checking does: `pip install "glasswright[build]"`'
        return _told(f"the package {error.name} is not installed", hint, 2)
    if isinstance(error, MemoryError):
        return _told("the memory of this machine ran out", "`glasswright plan` says how much a recipe needs", 2)
    return _defect(error)


@contextmanager
def stop_once() -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM unwind the work and the second end it at once. Files are whole either way: they
    are written beside their place and renamed into it."""

    def second(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        os.write(2, b"\nglasswright: stopped at once; what was saved before is whole\n")
        os._exit(130)

    def first(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        for number in STOPS:
            signal.signal(number, second)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, first) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(message: str, hint: str | None, exit_code: int) -> int:
    say("glasswright: " + "\n".join(map(printable, message.splitlines())))
    if hint:
        say(f"hint: {hint}")
    return exit_code


def _is_duckdb_s(error: BaseException) -> bool:
    """DuckDB takes Ctrl-C for itself and raises an error of its own."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


def _goes_on() -> bool:
    return any(sys.argv[1 : 1 + len(verb)] == verb for verb in GOES_ON)


def _how_to_go_on(error: GlasswrightError) -> str | None:
    """After Ctrl-C: every finished piece of work is on disk, and the same command goes on from there."""
    if isinstance(error, Interrupted) and _goes_on():
        return f"go on with `{shlex.join(['glasswright', *sys.argv[1:]])}`"
    return None


def _misuse(error: Exception) -> int:
    """A wrong command line. typer answers a bare `glasswright` with its help, which is not an error to explain."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "glasswright"
    message = getattr(error, "format_message", error.__str__)()
    if type(error).__name__ == "NoArgsIsHelpError":
        say(message)
        return 2
    return _told(message[:1].lower() + message[1:], f"see `{path} --help`", 2)


def _drop_output() -> None:
    """Point stdout at nothing, so that Python's own flush at exit does not complain again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _defect(error: BaseException) -> int:
    say("".join(traceback.format_exception(error)).rstrip())
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return _told(
        f"a defect of Glasswright {__version__} on Python {sys.version.split()[0]}: {what}",
        "nothing was shown, neither true nor false; please report it with the lines above",
        3,
    )
