"""Options that several verbs share, so that they are spelled and explained once."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print the record itself, as JSON.")]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, max=1024, help="How many threads compute (default: every core)."),
]
ReleaseFolder = Annotated[Path, typer.Argument(metavar="RELEASE", help="A release folder.")]


def threads_or_all(threads: int | None) -> int:
    """The number asked for, or the cores this process may use."""
    import os

    return threads if threads is not None else len(os.sched_getaffinity(0))
