"""Where results go, looked at before the work and not after it.

a release holds what its manifest lists    so nothing else may be put inside one
a folder of documents                      is read with all that is in it, which is the same for who builds it again
the work folder and the result             lie apart: each would be a part of the other
the file system                            takes the name with all that is put before and behind it, and lets us write
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from glasswright.errors import Misuse

DEEPEST = 160  # bytes of the longest path below a release or a work folder, with what is put around a name
ANOTHER = "name another place"


def free_place(folder: Path, *, work: Path | None = None, documents: Sequence[Path] = ()) -> Path:
    """A place for a folder that is to be made; the folders above it are made if they are not there.

    documents:  folders of which every file is read, so that neither the folder nor `work` may lie in one

    Raises:  Misuse where something is already, where it would be a part of a release, of `work` or of the documents,
             or where nothing can be put.
    """
    if folder.exists() or folder.is_symlink():
        raise Misuse(f"{folder}: exists already", hint="move it away, or name another place")
    outside_releases(folder, ANOTHER)
    _require_outside(folder, documents, "name a place outside with --out")
    if work is not None:
        work_place(work, documents)
        _require_apart(folder, work)
    _require_taken(folder, DEEPEST)
    return folder


def work_place(work: Path, documents: Sequence[Path] = ()) -> Path:
    """A folder to work in, which may be there.

    Raises:  Misuse if it is no folder, or lies in a release or in a folder of documents.
    """
    outside_releases(work, "name another with --work")
    _require_outside(work, documents, "name a place outside with --work")
    if work.exists() and not work.is_dir():
        raise Misuse(f"{work}: expected a folder to work in, found a file", hint="name another with --work")
    return work


def file_place(path: Path) -> Path:
    """A place for a file, which replaces a file that is there.

    Raises:  Misuse where something else is, or where nothing can be put.
    """
    if path.exists() and not path.is_file():
        raise Misuse(f"{path}: expected a place for a file, found something else", hint="name another place")
    outside_releases(path, "name another place")
    _require_taken(path, 0)
    return path


def outside_releases(path: Path, hint: str) -> None:
    """Raises:  Misuse if `path` is a release, or lies in one."""
    for folder in (real := _real(path), *real.parents):
        if (folder / "release.json").is_file():
            raise Misuse(f"{path}: lies in the release {folder}, which holds what its manifest lists", hint=hint)


def _require_outside(path: Path, documents: Sequence[Path], hint: str) -> None:
    real = _real(path)
    for folder in documents:
        if _real(folder) in (real, *real.parents):
            raise Misuse(f"{path}: lies in {folder}, where every file is taken for a document", hint=hint)


def _require_apart(folder: Path, work: Path) -> None:
    out, working = _real(folder), _real(work)
    if out == working:
        raise Misuse(f"{folder}: is the work folder as well", hint=ANOTHER)
    if working in out.parents:
        raise Misuse(f"{folder}: lies in the work folder {work}", hint=ANOTHER)
    if out in working.parents:
        raise Misuse(f"{work}: the work folder lies in {folder}, which is to be made", hint="name another with --work")


def _require_taken(path: Path, deepest: int) -> None:
    """That the file system takes the path: tried with the name under which it is made before it is given its own."""
    partial = path.with_name(f".{path.name}.partial")
    if len(os.fsencode(partial)) + deepest >= os.pathconf("/", "PC_PATH_MAX"):
        raise Misuse(f"{path}: the path is too long, for what is put below it as well", hint=ANOTHER)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
    except FileExistsError:
        if not path.parent.is_dir():
            raise Misuse(f"{path.parent}: expected a folder, found a file", hint=ANOTHER) from None
        return  # of a command that was killed
    except (OSError, ValueError, RecursionError) as error:  # a NUL in the name; a thousand folders in one another
        told = error.strerror if isinstance(error, OSError) else str(error)
        raise Misuse(f"{path}: nothing can be put there: {told}", hint=ANOTHER) from error
    with suppress(OSError):  # else it stays until it is made in earnest, which begins with taking it away
        partial.rmdir()


def _real(path: Path) -> Path:
    """Where a path leads, as far as it is there. A circle of links leads nowhere, which the system says when asked."""
    return Path(os.path.realpath(path))
