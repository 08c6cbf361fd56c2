"""How far a piece of long work has come. Stages report it; only `cli` shows it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`done` of `total` units of `what`."""

    what: str  # e.g. "train"
    done: int
    total: int | None  # None: not known yet
    unit: str  # e.g. "steps"
    note: str = ""  # e.g. "loss 3.214, 15210 tokens/s"
    is_news: bool = False  # the note is to be said for itself, whatever is shown of the work


def of_bytes(what: str, done: int, total: int) -> Progress:
    """Work that is measured in bytes, told in whole MiB."""
    return Progress(what=what, done=done >> 20, total=total >> 20, unit="MiB")


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A report that nobody reads."""
