"""What ends a command other than its result: the message, the hint and the exit code.

GlasswrightError             its own exit code, its message and its hint
a wrong command line      2  what was wrong, and where the help is
Ctrl-C, SIGTERM         130  what was done is saved; the command that goes on
a package missing         2  which extra brings it
a reader that left        3  nobody heard the answer, so nothing was shown
the machine refuses  2 or 3  a full or failing disk, no memory, a file that may not be read: which one, and what to do;
                             2 where something was to be made, 3 where a question was to be answered
anything else            70  a defect of Glasswright: the traceback, so that it can be reported

People read it on stderr. With --json it is an object on stdout too, unless a part of the answer is there already:

    {"exit_code": 1, "hint": "...", "message": "...", "place": {"file": "..."}}
"""

import errno
import os
import re
import shlex
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

import typer

from glasswright import __version__
from glasswright.cli import streams
from glasswright.cli.progress import Loudness, complain, display
from glasswright.cli.show import show_json
from glasswright.errors import DEFECT, ClaimFalse, GlasswrightError, Interrupted
from glasswright.foreign import shown

PACKAGE = Path(__file__).parents[1]
PAGE = re.compile(r"docs/[\w-]+\.md")
STOPS = (signal.SIGINT, signal.SIGTERM)
# Verbs that continue where they were stopped.
GOES_ON = (["build"], ["derive"], ["rebuild"], ["replay"], ["corpus", "build"])
# Verbs that make something, be it for an answer as rebuild does; the others answer from what is there.
MAKES = (
    ["demo"],
    ["new"],
    ["build"],
    ["derive"],
    ["rebuild"],
    ["corpus", "build"],
    ["corpus", "remove"],
    ["corpus", "report"],
    ["export"],
    ["merge"],
)
# What the user named is not there, or is of another kind: misuse of whatever command.
NAMED = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ENAMETOOLONG, errno.ELOOP)
TO_DO = {
    errno.ENOSPC: "free some space, then run the same command again",
    errno.EDQUOT: "free some space or raise the quota, then run the same command again",
    errno.EFBIG: "raise the limit on the size of a file (`ulimit -f`), then run the same command again",
    errno.EROFS: "that place is read-only: name another",
    errno.EACCES: "you may not do that there: change the permissions, or name another place",
    errno.EPERM: "you may not do that there: change the permissions, or name another place",
    errno.EIO: "the disk or its connection fails: copy what is on it, then try elsewhere",
    errno.EMFILE: "raise the limit on open files (`ulimit -n`)",
    errno.ENFILE: "this machine has too many files open: end other programs",
    errno.ENOMEM: "end other programs; `glasswright plan` says how much memory a recipe needs",
    errno.ESTALE: "the network file system was mounted anew: run the same command again",
}

EXTRAS = {"gguf": "gguf"}  # that bring a package; whatever else is imported comes with `build`


@dataclass(frozen=True, slots=True)
class End:
    """How a command ended without its result."""

    exit_code: int
    message: str
    hint: str | None = None
    place: Mapping[str, int | str] = field(default_factory=dict)


def exit_code_of(error: BaseException, arguments: Sequence[str]) -> int:
    """Say what happened to a command line, and return the exit code that goes with it."""
    if isinstance(error, KeyboardInterrupt) or _is_duckdb_s(error):
        error = Interrupted("stopped; what was done is saved" if _is_of(GOES_ON, arguments) else "stopped")
    if isinstance(error, BrokenPipeError):
        streams.drop_output()
        return 3
    if type(error).__name__ == "NoArgsIsHelpError":  # typer's answer to a bare `glasswright`: nothing to explain
        complain(str(getattr(error, "format_message", error.__str__)()))
        return 2
    end = _end(error, arguments)
    if end.exit_code == DEFECT or display.loudness is Loudness.LOUD:
        complain("".join(traceback.format_exception(error)).rstrip())
    _tell(end)
    if "--json" in arguments and not streams.has_written():
        with suppress(GlasswrightError, BrokenPipeError):
            show_json(asdict(end))
    return end.exit_code


def _end(error: BaseException, arguments: Sequence[str]) -> End:
    if isinstance(error, GlasswrightError):
        place = error.place if isinstance(error, ClaimFalse) else {}
        return End(error.exit_code, str(error), error.hint or _how_to_go_on(error, arguments), place)
    if isinstance(error, typer.exceptions.TyperException):
        return _misuse(error)
    if isinstance(error, EOFError | typer.Abort):
        return End(2, "the input ended before an answer was given")
    if isinstance(error, OSError):
        return _machine(error, arguments)
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("glasswright"):
        package = str(error.name).split(".")[0]
        hint = f'it comes with an extra: `pip install "glasswright[{EXTRAS.get(package, "build")}]"`'
        return End(2, f"the package {package} is not installed", hint)
    if isinstance(error, MemoryError):
        return End(_refused(arguments), "the memory of this machine ran out", TO_DO[errno.ENOMEM])
    if isinstance(error, RecursionError):
        hint = f"look for brackets in brackets without end; if there are none, please report it: in {_place(error)}"
        return End(_refused(arguments), "something that was given is nested too deep to be read", hint)
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


def _tell(end: End) -> None:
    """Only the first line begins at the margin, so that no file's name can begin one that looks like ours."""
    complain("glasswright: " + "\n  ".join(map(shown, end.message.split("\n"))))
    if end.hint:
        complain(f"hint: {shown(_located(end.hint))}")


def _located(hint: str) -> str:
    """Pages of the documentation by the places where pip put them; a checkout has them where they are said to be."""
    return PAGE.sub(lambda page: str(PACKAGE / page[0]) if (PACKAGE / page[0]).is_file() else page[0], hint)


def _is_duckdb_s(error: BaseException) -> bool:
    """DuckDB takes Ctrl-C for itself and raises an error of its own."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


def _is_of(verbs: Sequence[list[str]], arguments: Sequence[str]) -> bool:
    return any(list(arguments[: len(verb)]) == verb for verb in verbs)


def _refused(arguments: Sequence[str]) -> int:
    """What was to be made could not be made, or what was asked could not be found out."""
    return 2 if _is_of(MAKES, arguments) else 3


def _machine(error: OSError, arguments: Sequence[str]) -> End:
    """Which file, what failed, what to do. The system does not name the file where it only has it open."""
    names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    where = " to ".join(names) if names else f"a file that is open, in {_place(error)}"
    exit_code = 2 if error.errno in NAMED else _refused(arguments)
    message = f"{where}: {error.strerror or error}"
    return End(exit_code, message, TO_DO.get(error.errno or 0), {"file": names[0]} if names else {})


def _place(error: BaseException) -> str:
    """The last of our own functions that it came through."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [frame for frame in frames if str(frame.f_globals.get("__name__")).startswith("glasswright.")]
    return f"{ours[-1].f_globals['__name__']}.{ours[-1].f_code.co_name}" if ours else "Python"


def _how_to_go_on(error: GlasswrightError, arguments: Sequence[str]) -> str | None:
    """After Ctrl-C: every finished piece of work is on disk, and the same command goes on from there."""
    if isinstance(error, Interrupted) and _is_of(GOES_ON, arguments):
        return f"go on with `{shlex.join(['glasswright', *arguments])}`"
    return None


def _misuse(error: Exception) -> End:
    """A wrong command line."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "glasswright"
    message = getattr(error, "format_message", error.__str__)()
    return End(2, message[:1].lower() + message[1:], f"see `{path} --help`")


def _defect(error: BaseException) -> End:
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return End(
        DEFECT,
        f"a defect of Glasswright {__version__} on Python {sys.version.split()[0]}: {what}",
        "nothing was shown, neither true nor false; please report it with the lines above",
    )
