"""The builder's source in a release: listed without unpacking, and the few texts of it that are asked for.

code/glasswright-0.1.0.tar     members by name and size; license and readme as texts
code/build.json                which members are which component
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tarfile import TarInfo
from typing import BinaryIO

from glasswright.audit.reading import decode
from glasswright.audit.scan.bounds import BoundReached
from glasswright.audit.scan.tars import DAMAGED, NotAnArchive, tar_members
from glasswright.foreign import NotRead, opened, read

MAX_MEMBERS = 100_000
MAX_TEXT_BYTES = 100_000
MAX_BUILD_BYTES = 10_000_000
MAX_STATED = 100  # files of a component
ARCHIVE = re.compile(r"code/[^/]+\.tar")
SPEAKING = re.compile(r"[^/]+/(LICENSE[^/]*|README[^/]*|pyproject\.toml)")
BUILD = "code/build.json"


@dataclass(frozen=True, slots=True)
class Archived:
    """What archives hold."""

    members: list[tuple[str, int]] = field(default_factory=list)  # path in the release, size
    texts: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # path, lines
    problems: list[str] = field(default_factory=list)


def read_archives(folder: Path, files: list[str]) -> Archived:
    """The source archives among a release's files."""
    found = Archived()

    def take(path: str, member: TarInfo, file: BinaryIO) -> None:
        found.members.append((path, member.size))
        if len(found.members) > MAX_MEMBERS:
            raise BoundReached(f"it has more than {MAX_MEMBERS:,} members")
        if SPEAKING.fullmatch(member.name) and (text := _text(member, file)) is not None:
            found.texts.append((path, decode(text).lines))

    for archive in filter(ARCHIVE.fullmatch, files):
        with _told(f"{folder.name}/{archive}", found.problems):
            _walk(folder, archive, take)
    return found


def member_texts(folder: Path, archives: list[str], wanted: frozenset[str]) -> dict[str, str]:
    """The texts of some members, named as in the archive."""
    texts: dict[str, str] = {}

    def take(_: str, member: TarInfo, file: BinaryIO) -> None:
        if member.name in wanted and (text := _text(member, file)) is not None:
            texts[member.name] = text.decode("utf-8", errors="replace")

    for archive in archives:
        with _told(archive, []):
            _walk(folder, archive, take)
    return texts


def stated_components(folder: Path) -> dict[str, list[str]] | None:
    """Which members code/build.json says are which component; None where it says nothing that can be read."""
    try:
        build = json.loads(read(BUILD, max_bytes=MAX_BUILD_BYTES, below=folder))
    except (NotRead, ValueError, RecursionError):
        return None
    stated = build.get("components") if isinstance(build, dict) else None
    if not isinstance(stated, dict):
        return None
    lists = {name: paths for name, paths in stated.items() if isinstance(paths, list)}
    return {name: [path for path in paths[:MAX_STATED] if isinstance(path, str)] for name, paths in lists.items()}


def _walk(folder: Path, archive: str, take: Callable[[str, TarInfo, BinaryIO], None]) -> None:
    with opened(archive, below=folder) as file:
        for member in tar_members(file):
            take(f"{archive}/{member.name}", member, file)


def _text(member: TarInfo, file: BinaryIO) -> bytes | None:
    if not member.isreg() or member.size > MAX_TEXT_BYTES:
        return None
    file.seek(member.offset_data)
    return file.read(member.size)


@contextmanager
def _told(archive: str, problems: list[str]) -> Iterator[None]:
    """An archive that cannot be read, or not to its end, as a problem."""
    try:
        yield
    except NotRead as error:
        problems.append(f"{archive} was not read: {error.why}")
    except NotAnArchive:
        problems.append(f"{archive} could not be listed: it is no tar")
    except (*DAMAGED, BoundReached) as error:
        problems.append(f"{archive} could not be listed in full: {error}")
