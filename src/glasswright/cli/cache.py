"""`glasswright cache`: what earlier builds left in a work folder, and taking it away."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glasswright.cli.options import Json
from glasswright.cli.progress import say
from glasswright.cli.show import out, show_json, size, table
from glasswright.errors import Misuse

if TYPE_CHECKING:
    from glasswright.store.work import Kept

DAY_S = 86_400

WorkFolder = Annotated[Path, typer.Argument(metavar="[WORK]", help="The folder that builds have as --work.")]
Remove = Annotated[
    str | None,
    typer.Option("--remove", metavar="BUILD", help="Remove what is of this build, by its name, and of no other."),
]
OlderThan = Annotated[
    int | None,
    typer.Option("--older-than", metavar="DAYS", min=0, help="Remove what no build has used for so long; 0: all."),
]


def cache(
    work: WorkFolder = Path(".glasswright"), remove: Remove = None, older_than: OlderThan = None, as_json: Json = False
) -> None:
    """List what earlier builds left in a work folder, by build, size and age; remove it when asked to.

    Whatever is removed is made again when a build needs it, to the same bits. What a build works in is never removed,
    and neither is anything that no build made.
    """
    from glasswright.store.work import clear, kept

    found, now = kept(work), time.time()
    if remove is None and older_than is None:
        _show(found, now, as_json=as_json)
        return
    if remove is not None and not any(remove in one.builds for one in found):
        raise Misuse(f"{remove}: no build of this name in {work}", hint=f"`glasswright cache {work}` lists them")

    def is_wanted(one: "Kept") -> bool:
        of_it = remove is None or one.builds == (remove,)
        is_old = older_than is None or now - one.used_at >= older_than * DAY_S
        return not (of_it and is_old)

    removed, spared = clear(work, is_wanted)
    _show(removed, now, as_json=as_json)
    say(f"removed: {size(sum(one.size_bytes for one in removed))}")
    for one in spared:
        say(f"{one.path}: not removed: a build works in it")


def _show(found: "list[Kept]", now: float, *, as_json: bool) -> None:
    if as_json:
        show_json([_record(one, now) for one in found])
        return
    if not found:
        out("nothing")
        return
    rows = [(one.path.name, size(one.size_bytes), _age(now - one.used_at), ", ".join(one.builds)) for one in found]
    table([("folder", "size", "last used", "of"), *((*row[:3], row[3] or "no build") for row in rows)])
    out(f"\n{size(sum(one.size_bytes for one in found))} in all")


def _record(one: "Kept", now: float) -> dict[str, Any]:
    return {
        "path": str(one.path),
        "size_bytes": one.size_bytes,
        "unused_seconds": max(round(now - one.used_at), 0),
        "builds": one.builds,
    }


def _age(seconds: float) -> str:
    """3 days ago."""
    for unit, length in (("day", DAY_S), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
