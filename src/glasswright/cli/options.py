"""Options that several verbs share, so that they are spelled and explained once."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from glasswright.api import available_threads
from glasswright.errors import Misuse

if TYPE_CHECKING:
    from glasswright.train.effort import Effort

Json = Annotated[bool, typer.Option("--json", help="Print the record itself, as JSON.")]
ReleaseFolder = Annotated[Path, typer.Argument(metavar="RELEASE", help="A release folder.")]
Work = Annotated[Path, typer.Option("--work", help="Folder for unfinished and reusable work.")]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, max=1024, help="How many threads compute (default: every core).")
]
LeavesAtOnce = Annotated[
    int | None,
    typer.Option(
        "--leaves-at-once",
        min=1,
        help="Leaves of a batch computed at a time: more memory, less time (default: one a thread; on a GPU one).",
    ),
]
Recompute = Annotated[
    bool, typer.Option("--recompute", help="Compute activations again in the backward pass: less memory, more time.")
]
Device = Annotated[
    Literal["cpu", "cuda"], typer.Option("--device", help="Where training computes; cuda is an NVIDIA GPU.")
]
Sources = Annotated[
    list[str] | None, typer.Option("--source", metavar="NAME=PATH", help="Where a source of the recipe lies here.")
]
ParentFolder = Annotated[
    Path | None, typer.Option("--parent", metavar="FOLDER", help="Where the model lies that a derived one began from.")
]
Checkpoints = Annotated[
    bool, typer.Option("--checkpoints", help="Put the full state of every segment into the release.")
]
ReleaseOut = Annotated[Path | None, typer.Option("--out", help="Folder for the release (default: releases/NAME).")]
Mirror = Annotated[Path | None, typer.Option("--mirror", help="Folder with local copies of git sources.")]


def threads_or_all(threads: int | None) -> int:
    """The number asked for, or the cores this process may use."""
    return threads if threads is not None else available_threads()


def effort(threads: int | None, leaves_at_once: int | None, recompute: bool, device: str) -> "Effort":
    """How hard training may work here, and on what."""
    from glasswright.train.effort import default_effort

    chosen = default_effort(threads_or_all(threads), device)
    return replace(chosen, leaves_at_once=leaves_at_once or chosen.leaves_at_once, recompute=recompute)


def locations(sources: list[str] | None) -> dict[str, Path]:
    """NAME=PATH options as a mapping.

    Raises:  Misuse for one without `=`, with a path that is not there, or with a name given twice.
    """
    found: dict[str, Path] = {}
    for source in sources or []:
        name, equals, path = source.partition("=")
        if not equals or not name or not path:
            raise Misuse(f"--source {source}: expected NAME=PATH", hint="NAME is a source's name in the recipe")
        if name in found:
            raise Misuse(f"--source {source}: {name} was already said to lie in {found[name]}")
        if not Path(path).exists():
            raise Misuse(f"--source {source}: no such file or folder")
        found[name] = Path(path)
    return found
