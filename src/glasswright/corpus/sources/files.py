"""The files below a folder, in one order, none of them outside it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from glasswright.errors import Misuse

VERSION_CONTROL = frozenset({".git", ".hg", ".svn"})  # no documents of the folder's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, or a link that is not followed."""

    path: str  # with `/`, relative to the root
    place: Path
    is_link: bool
    num_bytes: int = 0
    leaves_root: bool = False  # the link points out of the folder


def walk(root: Path) -> Iterator[Entry]:
    """Every file below `root`, by path. Links are listed and never followed: nothing outside `root` is read."""
    top = root.resolve()
    for place in _places(root):
        path = place.relative_to(root).as_posix()
        if place.is_symlink():
            target = place.resolve()
            yield Entry(path=path, place=place, is_link=True, leaves_root=not target.is_relative_to(top))
        elif place.is_file():
            yield Entry(path=path, place=place, is_link=False, num_bytes=place.stat().st_size)


def read(entry: Entry) -> bytes:
    """The bytes of a file.

    Raises:  Misuse if it cannot be read, or is no longer there.
    """
    try:
        descriptor = os.open(entry.place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            return file.read()
    except OSError as error:
        raise Misuse(
            f"{entry.place}: cannot be read: {error.strerror}",
            hint="the folder must stay as it is while the corpus is collected",
        ) from error


def matches(path: str, pattern: str) -> bool:
    """Whether a glob covers a whole relative path: `*` stays within a folder, `**` stands for any number of them."""
    return _match(PurePosixPath(path).parts, PurePosixPath(pattern).parts)


def _match(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        rest = pattern[1:] or ("*",)
        return any(_match(parts[start:], rest) for start in range(len(parts)))
    return bool(parts) and PurePosixPath(parts[0]).match(pattern[0]) and _match(parts[1:], pattern[1:])


def _places(root: Path) -> list[Path]:
    found: list[Path] = []

    def refuse(error: OSError) -> None:
        raise Misuse(f"{error.filename}: cannot be listed: {error.strerror}", hint="check that you may read it")

    for folder, names, files in os.walk(root, onerror=refuse, followlinks=False):
        names[:] = [name for name in names if name not in VERSION_CONTROL]
        links = [name for name in names if (Path(folder) / name).is_symlink()]
        found.extend(Path(folder) / name for name in files + links)
    return sorted(found, key=lambda place: place.relative_to(root).as_posix().encode())
