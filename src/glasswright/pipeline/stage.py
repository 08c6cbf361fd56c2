"""A stage's output folder is named by the digest of its inputs, so only what is stale runs again.

WORK/corpus-3f2a90c1d4e5/      done.json: the inputs, once the stage has ended well
"""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes, digest, parse
from glasswright.store.atomic import write_atomic

DONE = "done.json"


def run_stage(
    work: Path, name: str, inputs: dict[str, Any], make: Callable[[Path], None], *, resumes: bool = False
) -> Path:
    """The stage's folder for these inputs; `make` fills it unless it is done already.

    A stage that resumes is handed its unfinished folder as it is; any other starts with an empty one.
    """
    folder = stage_folder(work, name, inputs)
    if not is_done(folder, inputs):
        if not resumes:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)
        write_atomic(folder / DONE, canonical_bytes(inputs))
    return folder


def stage_folder(work: Path, name: str, inputs: dict[str, Any]) -> Path:
    """Where a stage with these inputs puts its output."""
    return work / f"{name}-{digest(inputs)[:12]}"


def is_done(folder: Path, inputs: dict[str, Any]) -> bool:
    """Whether the stage ended well in this folder, from these inputs."""
    path = folder / DONE
    return path.is_file() and parse(path.read_bytes(), str(path)) == inputs


@contextmanager
def sole_user(work: Path) -> Iterator[None]:
    """Hold the work folder: two builds in one would overwrite each other.

    Raises:  Misuse if another process holds it. The hold ends with the process, however it ends.
    """
    work.mkdir(parents=True, exist_ok=True)
    with (work / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Misuse(
                f"{work}: another build is using this work folder", hint="wait for it, or name another with --work"
            ) from error
        yield
