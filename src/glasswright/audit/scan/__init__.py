"""Unsafe files in a model folder, found without loading any of them.

    pickles      opcodes that would import or call something when the file is loaded
    tensors      safetensors whose header does not describe the bytes behind it
    archives     members of zip and tar files that would land outside when unpacked, and what is in them
    remote code  Python that a config asks to be run through `trust_remote_code`

Every file is one finding or more: PROVED safe against what was looked for, REFUTED, or UNKNOWN. What was not looked
into, because it is a link, could not be read, goes beyond a bound, or is of a kind that no reader here knows, is
UNKNOWN and never left out. Texts, tables and pictures alone need no finding.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from glasswright.audit.scan.archives import scan_archive
from glasswright.audit.scan.bounds import (
    MAX_READ_BYTES,
    MAX_UNPACKED_BYTES,
    MAX_UNPACKED_IN_ALL_BYTES,
    Bounded,
    BoundReached,
    Budget,
    named,
)
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.kinds import ARCHIVES, CONFIGS, PICKLE_PROTOCOLS, PICKLES, TENSORS, ZIP, is_inert, is_unread
from glasswright.audit.scan.pickles import scan_pickle
from glasswright.audit.scan.remote_code import scan_config
from glasswright.audit.scan.tensors import scan_safetensors
from glasswright.errors import Misuse
from glasswright.foreign import Changed, Entry, Missing, NotRead, TooLarge, opened, size_of, walk
from glasswright.records.verdict import Answer, Finding, Verdict

FIRST_BYTES = 8
NOT_CHECKED = (
    "JSON that is no config of a model: shard indexes, adapters, templates of a chat",
    "whether the weights themselves were made to misbehave: no scan of files can tell",
)
FOLLOW = "scan what it leads to, or a copy: `cp -rL` writes files where links were"


def scan_path(path: Path) -> Verdict:
    """Look at a file, or at every file below a folder.

    Raises:  Misuse if there is nothing at `path`; NotRead if it is neither a file nor a folder, or cannot be opened.
    """
    unknown: list[str] = []
    findings = tuple(_scan_folder(path, unknown) if path.is_dir() else _scan_named(path, unknown))
    if unknown:
        told = f"{len(unknown)} are not: {named(unknown)}"
        findings = (*findings, _unread("every file is of a kind that is known", told))
    if not findings:
        evidence = f"{path}: no file of a kind that can be"
        findings = (Finding(claim="no file is unsafe", answer=Answer.PROVED, evidence=evidence),)
    return Verdict(subject=str(path), findings=findings, not_checked=NOT_CHECKED)


def _scan_named(path: Path, unknown: list[str]) -> Iterator[Finding]:
    """The one file that the user named; a link to it is theirs."""
    try:
        with opened(path) as file:
            size_bytes = size_of(file)
    except Missing as error:
        raise Misuse(f"{path}: nothing is there", hint="give a model folder or one of its files") from error
    yield from _scan_file(
        Item(
            shown=path.name,
            size_bytes=size_bytes,
            open=_Opener(path, None, size_bytes),
            is_beside=lambda name: (path.parent / name).is_file(),
            unpacked=Budget(MAX_UNPACKED_BYTES),
        ),
        unknown,
    )


def _scan_folder(root: Path, unknown: list[str]) -> Iterator[Finding]:
    entries, unlisted = _entries(root)
    if unlisted:
        yield _unread("every file of the folder was looked at", unlisted)
    files = {entry.path for entry in entries if entry.kind == "file"}
    unpacked = Budget(MAX_UNPACKED_IN_ALL_BYTES)
    for entry in entries:
        if entry.kind in ("other", "unlisted"):
            yield _unread(f"{entry.path}: nothing unsafe is in it", entry.why)
        elif entry.kind == "file":
            yield from _scan_file(
                Item(
                    shown=entry.path,
                    size_bytes=entry.size_bytes,
                    open=_Opener(entry.path, root, entry.size_bytes),
                    is_beside=_beside(entry.path, files),
                    unpacked=Budget(MAX_UNPACKED_BYTES, part_of=unpacked),
                ),
                unknown,
            )


def _entries(root: Path) -> tuple[list[Entry], str | None]:
    """What lies in the folder, and why not all of it was listed."""
    entries = []
    try:
        for entry in walk(root):
            entries.append(entry)
    except TooLarge as error:
        return entries, error.why
    return entries, None


def _beside(path: str, files: set[str]) -> Callable[[str], bool]:
    return lambda name: (PurePosixPath(path).parent / name).as_posix() in files


@dataclass(frozen=True)
class _Opener:
    """Opens a file of the folder, or one that the user named, anew for each who looks at it."""

    path: str | Path
    below: Path | None
    size_bytes: int  # when it was first looked at

    @contextmanager
    def __call__(self) -> Iterator[BinaryIO]:
        with opened(self.path, below=self.below) as file:
            if size_of(file) != self.size_bytes:
                raise Changed(self.path, f"changed meanwhile: {self.size_bytes} bytes, then {size_of(file)}")
            yield cast(BinaryIO, Bounded(file, Budget(MAX_READ_BYTES)))


def _scan_file(item: Item, unknown: list[str]) -> Iterator[Finding]:
    """The findings of a file. One that could not be read to its end is UNKNOWN, whatever was found before; one of a
    kind that no reader knows is noted."""
    try:
        findings = list(_look_into(item))
        if not findings and item.size_bytes and not is_inert(item.shown.lower()):
            unknown.append(item.shown)
        yield from findings
    except NotRead as error:
        yield _unread(f"{item.shown}: nothing unsafe is in it", error.why)
    except BoundReached as error:
        yield _unread(f"{item.shown}: nothing unsafe is in it", f"not all of it was looked at: {error}")


def _look_into(item: Item) -> Iterator[Finding]:
    """Each reader that may have to do with a file, by the end of its name and by its first bytes."""
    name = item.name
    if name in CONFIGS:
        yield scan_config(item)
    elif name.endswith(TENSORS):
        yield scan_safetensors(item)
    elif is_unread(name):
        yield _unread(f"{item.shown}: nothing unsafe is in it", "files packed in this way are not looked into")
    else:
        first = item.beginning(FIRST_BYTES)
        if name.endswith(ARCHIVES) or first.startswith(ZIP):
            yield from scan_archive(item, _look_into)
        if not first.startswith(ZIP) and (name.endswith(PICKLES) or first.startswith(PICKLE_PROTOCOLS)):
            finding = scan_pickle(item)
            if finding is not None:
                yield finding


def _unread(claim: str, evidence: str) -> Finding:
    return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=evidence, hint=FOLLOW if "link" in evidence else None)
