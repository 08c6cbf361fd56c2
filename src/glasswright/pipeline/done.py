"""done.json: what a stage was made from, and the digest of every file it left, so that a byte that changes is noticed.

    {"schema": ..., "inputs": {...}, "folders": [PATH, ...], "files": [{"path", "size_bytes", "sha256"}, ...]}

It is written last: a stage without it has not ended. Paths are relative to the stage's folder and written with `/`.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes, parse
from glasswright.records.progress import Progress, Report
from glasswright.store.atomic import write_atomic

DONE = "done.json"
SCHEMA = "glasswright/stage/1"
NO_PLAIN_FILE = -1  # in place of a size
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Done:
    """A done.json."""

    inputs: dict[str, Any]
    folders: frozenset[str]
    files: Mapping[str, tuple[int, str]]  # path -> size in bytes, sha256

    def record(self) -> dict[str, Any]:
        files = [{"path": path, "size_bytes": size, "sha256": sha256} for path, (size, sha256) in self.files.items()]
        return {"schema": SCHEMA, "inputs": self.inputs, "folders": sorted(self.folders), "files": files}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Done":
        if record["schema"] != SCHEMA:
            raise ValueError(f"schema: expected {SCHEMA!r}, found {record['schema']!r}")
        files = {file["path"]: (file["size_bytes"], file["sha256"]) for file in record["files"]}
        return cls(record["inputs"], frozenset(record["folders"]), files)


def write_done(folder: Path, inputs: dict[str, Any], *, num_threads: int, report: Report) -> None:
    """Record a stage's inputs and all that it left in its folder.

    Raises:  OSError if a file cannot be read back; WriteFailed if the record cannot be written.
    """
    folders, sizes = _listed(folder)
    files = {}
    for path, sha256 in sorted(_digests(folder, sizes, num_threads, report).items()):
        if isinstance(sha256, OSError):
            raise sha256
        files[path] = (sizes[path], sha256)
    write_atomic(folder / DONE, canonical_bytes(Done(inputs, folders, files).record()))


def damage(folder: Path, inputs: dict[str, Any], *, num_threads: int, report: Report) -> list[str] | None:
    """What in a stage's folder is not as the stage left it: nothing where all is, None where the stage has not ended.

    Named is what is gone, is new, cannot be read or holds other bytes; and done.json where it is not the record of a
    stage with these inputs.
    """
    if not os.path.lexists(folder / DONE):
        return None
    try:
        done = Done.from_record(parse((folder / DONE).read_bytes(), str(folder / DONE)))
    except (Misuse, OSError, KeyError, TypeError, ValueError):
        return [DONE]
    if done.inputs != inputs:
        return [DONE]
    folders, sizes = _listed(folder)
    unlike = (folders ^ done.folders) | (sizes.keys() ^ done.files.keys())
    unlike |= {path for path, size in sizes.items() if path in done.files and done.files[path][0] != size}
    alike = {path: size for path, size in sizes.items() if path not in unlike}
    digests = _digests(folder, alike, num_threads, report)
    return sorted(unlike | {path for path in alike if digests[path] != done.files[path][1]})


def _listed(folder: Path) -> tuple[frozenset[str], dict[str, int]]:
    """Every folder below this one, and every file but done.json with its size."""
    found = dict(_walk(folder, ""))
    folders = frozenset(path for path, status in found.items() if stat.S_ISDIR(status.st_mode))
    return folders, {path: _size(found[path]) for path in found.keys() - folders - {DONE}}


def _size(status: os.stat_result) -> int:
    return status.st_size if stat.S_ISREG(status.st_mode) else NO_PLAIN_FILE


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            yield prefix + entry.name, status
            if stat.S_ISDIR(status.st_mode):
                yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")


def _digests(folder: Path, sizes: Mapping[str, int], num_threads: int, report: Report) -> dict[str, str | OSError]:
    """The sha256 of each file, or why it cannot be read; hashlib lets threads run side by side."""
    total, done = sum(sizes.values()) // MIB, 0
    digests = {}
    pool = ThreadPoolExecutor(num_threads)
    try:
        for path, digest in zip(sizes, pool.map(lambda path: _sha256(folder / path), sizes), strict=True):
            digests[path] = digest
            done += sizes[path]
            report(Progress(what="check", done=done // MIB, total=total, unit="MiB"))
    finally:
        pool.shutdown(cancel_futures=True)
    return digests


def _sha256(path: Path) -> str | OSError:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return error
