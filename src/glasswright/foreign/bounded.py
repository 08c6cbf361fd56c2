"""A program that reads what a stranger gave, in a process of its own which ends in any case.

    parent   answer(program, data)      what it wrote to standard output
    child    bound(seconds, memory)     its first act: so much time of a CPU, so much memory, no file written

The parent waits for longer than the child's own bound, for a machine has other work too. Linux bounds the memory of a
process. macOS takes the bound and does not hold to it, and Windows has none: there the child reads nothing.
"""

import mmap
import subprocess
import sys
from collections.abc import Sequence

KILL = 9  # a signal that Windows has no name for
MAX_TOLD = 500  # characters of what a program that failed said last
UNBOUNDED = 71  # exit code of a child that could not be bounded


class TooMuch(Exception):
    """It took more time or memory than it is given."""


class Unsettled(TooMuch):
    """It was not ended by its own bounds: by the parent's patience, or by the system when memory ran out.

    Another time, on a machine with less other work, it may end well: who decides bits may not take this for an answer.
    """


class Unbounded(Unsettled):
    """This system does not bound the memory of a process, so it was not let near what a stranger gave."""

    def __init__(self) -> None:
        super().__init__("this system does not bound the memory of a process; on Linux it can be read")


class Failed(Exception):
    """It ended with an error, whose last words these are."""


def answer(program: Sequence[str], data: bytes, *, patience_seconds: float) -> bytes:
    """Run a program of Python's on `data`.

    program:  what follows `python`: a file, or `-m` and a module; then its arguments

    Raises:  TooMuch, Unsettled, Unbounded or Failed.
    """
    # -P: no module is taken from the folder that is worked in, which may be the stranger's.
    command = [sys.executable, "-P", *program]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=patience_seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unsettled from error
    if done.returncode == UNBOUNDED:
        raise Unbounded
    if done.returncode == -KILL:
        raise Unsettled
    if done.returncode < 0:  # ended by its bounds, SIGXCPU for one
        raise TooMuch
    if done.returncode != 0:
        raise Failed(done.stderr.decode("utf-8", "replace").strip()[-MAX_TOLD:])
    return done.stdout


def bound(seconds: int, memory_bytes: int) -> None:
    """Hold this process to so much time and memory from here on; it writes no file and leaves no core.

    Raises:  SystemExit where the system does not hold it to that, which `answer` says.
    """
    try:
        import resource

        for limit, most in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
            resource.setrlimit(limit, (most, most))
        cpu = seconds, seconds + 1  # the first is told apart from a kill from outside
        resource.setrlimit(resource.RLIMIT_CPU, cpu)
    except (ModuleNotFoundError, ValueError, OSError):
        raise SystemExit(UNBOUNDED) from None
    if _can_have(memory_bytes):
        raise SystemExit(UNBOUNDED)


def _can_have(memory_bytes: int) -> bool:
    """Whether so much more is to be had, untouched: of a bound on all memory some is taken already."""
    try:
        mmap.mmap(-1, memory_bytes).close()
    except (OSError, MemoryError):
        return False
    return True
