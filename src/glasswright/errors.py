"""One exception tree: what a user can meet, with the exit code and the hint that go with it.

    GlasswrightError            exit 2 unless a subclass says otherwise
      Misuse                    2  bad input or a wrong command: what was given cannot be used
      ClaimFalse                1  the bytes refute the claim
        DigestMismatch          1  bytes are not the bytes that were recorded
      Unknown                   3  could not find out: neither true nor false was shown
      Interrupted             130  stopped by the user; the state is saved

Any other exception is a defect, and ends with DEFECT: a code that no answer has. An `OSError` or `MemoryError` is none,
but the machine's refusal: exit 2 where a command was to make something, 3 where it was to answer a question.

`ValueError` is for a caller's mistake in code, `assert` for what cannot happen. Only `cli` exits.
"""

from collections.abc import Mapping
from typing import Any

DEFECT = 70  # EX_SOFTWARE of BSD's sysexits.h


class GlasswrightError(Exception):
    """Something a user can meet. `hint` says what to do about it."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str | None = None):
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """For a worker's error on its way to the user: as it is, whatever its class was made from."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[GlasswrightError], arguments: tuple[object, ...], state: dict[str, object]) -> GlasswrightError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


class Misuse(GlasswrightError):
    """What was given cannot be used."""

    exit_code = 2


class ClaimFalse(GlasswrightError):
    """The evidence refutes the claim. `place` says where, in parts: file, step, tensor, index, ..."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None, place: Mapping[str, int | str] | None = None):
        super().__init__(message, hint=hint)
        self.place = dict(place or {})


class DigestMismatch(ClaimFalse):
    """Bytes are not the bytes that were recorded."""

    def __init__(
        self,
        what: str,
        *,
        recorded: str,
        found: str,
        hint: str | None = None,
        algorithm: str = "sha256",
        place: Mapping[str, int | str] | None = None,
    ):
        super().__init__(f"{what}: recorded {algorithm} {recorded[:12]}, found {found[:12]}", hint=hint, place=place)
        self.recorded, self.found = recorded, found


class Unknown(GlasswrightError):
    """Could not find out."""

    exit_code = 3


class Interrupted(GlasswrightError):
    """Stopped by the user; what was done is saved."""

    exit_code = 130
