"""What lies in a work folder, by the builds that it is of, and how it is taken away.

    corpus-, tokens-, train-DIGEST     a stage's output, which several builds may share
    rebuild-DIGEST                     a rebuild that was stopped half-way
    builds/DIGEST.json                 what a build says of itself (records.building)

Nothing else is looked at, and nothing else is ever removed: a folder may hold what a user put there.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from glasswright.errors import Misuse
from glasswright.records.building import BUILDS, Building
from glasswright.records.canonical import parse
from glasswright.store.atomic import remove
from glasswright.store.lock import is_used, sole_user

OURS = re.compile(r"(corpus|tokens|train|rebuild)-[0-9a-f]{12}")
DONE = "done.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder of ours."""

    path: Path
    size_bytes: int
    used_at: float  # seconds since 1970: when a build of it was last heard of; of no build, when it was last changed
    builds: tuple[str, ...]  # names


def kept(work: Path) -> list[Kept]:
    """What lies in a work folder, that longest unused first.

    Raises:  Misuse if there is no such folder.
    """
    if not work.is_dir():
        raise Misuse(f"{work}: no such folder", hint="give the folder that a build has as --work")
    users = _users(work)
    found = [_kept(path, users.get(path.name, [])) for path in _ours(work)]
    return sorted(found, key=lambda one: (one.used_at, one.path))


def clear(work: Path, is_wanted: Callable[[Kept], bool]) -> tuple[list[Kept], list[Kept]]:
    """Remove what is not wanted any more; what was removed, and what was spared because it is being worked in.

    Raises:  Misuse if a build is using the folder, or if there is none; WriteFailed if something cannot be removed.
    """
    kept(work)
    with sole_user(work):
        going = [one for one in kept(work) if not is_wanted(one)]
        spared = [one for one in going if is_used(one.path)]
        removed = [one for one in going if one not in spared]
        for one in removed:
            remove(one.path / DONE)  # first: killed half-way, what is left is not taken for a stage that has ended
            remove(one.path)
        _forget_builds(work, {one.path.name for one in removed})
    return removed, spared


def _ours(work: Path) -> Iterable[Path]:
    with os.scandir(work) as entries:
        found = [e.name for e in entries if OURS.fullmatch(e.name) and e.is_dir(follow_symlinks=False)]
    return [work / name for name in sorted(found)]


def _kept(path: Path, users: list[tuple[str, float]]) -> Kept:
    size_bytes, changed_at = 0, path.stat().st_mtime
    for folder, _, names in os.walk(path):
        for name in names:
            status = (Path(folder) / name).stat(follow_symlinks=False)
            size_bytes, changed_at = size_bytes + status.st_size, max(changed_at, status.st_mtime)
    used_at = max((at for _, at in users), default=changed_at)
    return Kept(path, size_bytes, used_at, tuple(sorted({name for name, _ in users})))


def _users(work: Path) -> dict[str, list[tuple[str, float]]]:
    """For each folder the builds that it is of, and when they were last heard of."""
    users: dict[str, list[tuple[str, float]]] = {}
    for path, building in _builds(work):
        for folder in building.stages.values():
            users.setdefault(folder, []).append((building.name, path.stat().st_mtime))
    return users


def _builds(work: Path) -> list[tuple[Path, Building]]:
    found = []
    for path in sorted((work / BUILDS).glob("*.json")):
        try:
            found.append((path, Building.from_record(parse(path.read_bytes(), str(path)))))
        except (Misuse, KeyError, TypeError, ValueError, AttributeError):
            continue  # of another version, or damaged: its folders are of no build that is known
    return found


def _forget_builds(work: Path, gone: set[str]) -> None:
    """Forget the builds of which nothing is left."""
    for path, building in _builds(work):
        if building.stages and set(building.stages.values()) <= gone:
            remove(path)
