"""What strangers get of a private release: every file but those that are the owner's alone."""

from collections.abc import Callable
from pathlib import Path

from glasswright.records.private import is_withheld


def copy_public(folder: Path, out: Path, copy: Callable[[Path, Path], object]) -> None:
    """Put what is public of the release in `folder` into `out`, each file by `copy`."""
    for source in sorted(folder.rglob("*")):
        path = source.relative_to(folder).as_posix()
        if source.is_file() and not is_withheld(path):
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            copy(source, out / path)
