"""A model folder in Hugging Face's layout: its files, opened within bounds and within the folder.

A file may be a link, as those of the hub's own cache are, but only to a file of the same model:

    models--ORG--NAME/snapshots/COMMIT/config.json  ->  models--ORG--NAME/blobs/DIGEST      followed
    anywhere/config.json                            ->  outside of that folder              refused
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from glasswright.errors import Misuse
from glasswright.foreign import Missing, NotRead, opened, size_of

MAX_JSON_BYTES = 2**27  # the largest known tokenizer.json has a quarter of it
A_MODEL = "name a release, or a folder with a model and its tokenizer in Hugging Face's layout"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """The files of one model. `path` is as the user named it, and so it is told."""

    path: Path

    def has(self, name: str) -> bool:
        """Whether something has this name."""
        return (self.path / name).exists() or (self.path / name).is_symlink()

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """One of its files, open for reading.

        Raises:  Misuse naming the file, if it is not there, no plain file, or outside of the folder.
        """
        path = self.path / name
        try:
            with opened(self._below(name), below=self._reach()) as file:
                yield file
        except NotRead as error:
            raise Misuse(f"{path}: {error.why}", hint=A_MODEL) from error

    def read(self, name: str, *, max_bytes: int = MAX_JSON_BYTES) -> bytes:
        """All bytes of a file.

        Raises:  Misuse as `opened` does, and for a file of more than `max_bytes`.
        """
        with self.opened(name) as file:
            size = size_of(file)
            if size > max_bytes:
                raise Misuse(f"{self.path / name}: {size:,} bytes, where at most {max_bytes:,} are read")
            return file.read(size)

    def json(self, name: str) -> dict[str, Any]:
        """A file that holds one JSON object.

        Raises:  Misuse as `read` does, and for anything else in it.
        """
        try:
            found = json.loads(self.read(name))
        except (ValueError, RecursionError) as error:
            raise Misuse(f"{self.path / name}: not JSON: {error}", hint=A_MODEL) from error
        if not isinstance(found, dict):
            raise Misuse(f"{self.path / name}: expected an object, found {type(found).__name__}", hint=A_MODEL)
        return found

    def _reach(self) -> Path:
        """The folder that no file may lead out of."""
        folder = self.path.resolve()
        return folder.parent.parent if folder.parent.name == "snapshots" else folder

    def _below(self, name: str) -> str:
        path = self.path / name
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise Misuse(f"{path}: not the name of a file in this folder", hint=A_MODEL)
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself
            raise Missing(path, "no such file") from error
        if not target.is_relative_to(self._reach()):
            raise Misuse(f"{path}: a link that leads out of the folder", hint="copy the file into the folder")
        return target.relative_to(self._reach()).as_posix()
