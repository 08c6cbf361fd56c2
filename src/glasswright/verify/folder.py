"""The release's files as they lie on disk: plain files under safe names, opened without following a link."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from glasswright.errors import ClaimFalse

REPLACE = "fetch the release again"


@dataclass(frozen=True, slots=True)
class Folder:
    """A release folder. Paths within it are relative and written with `/`."""

    root: Path

    def walk(self) -> Iterator[tuple[str, int]]:
        """Every file with its size.

        Raises:  ClaimFalse at a link, a device, a pipe or an unsafe name; OSError if a folder cannot be read.
        """
        yield from self._walk(self.root, "")

    def open(self, path: str) -> BinaryIO:
        """Open a plain file of the release for reading.

        Raises:  ClaimFalse if it is missing, a link or not a plain file; OSError if it cannot be read.
        """
        require_safe(path)
        place = self.root
        for name in path.split("/"):
            place = place / name
            if place.is_symlink():
                raise ClaimFalse(f"{path}: {place.name} is a symbolic link; a release holds plain files", hint=REPLACE)
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ClaimFalse(f"{path}: missing", hint=REPLACE) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise ClaimFalse(f"{path}: not a plain file", hint=REPLACE)
        return os.fdopen(descriptor, "rb")

    def read(self, path: str) -> bytes:
        """All bytes of a file."""
        with self.open(path) as file:
            return file.read()

    def _walk(self, folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = prefix + entry.name
                require_safe(path)
                if entry.is_symlink():
                    raise ClaimFalse(f"{path}: a symbolic link; a release holds plain files", hint=REPLACE)
                if entry.is_dir():
                    yield from self._walk(Path(entry.path), f"{path}/")
                elif entry.is_file():
                    yield path, entry.stat().st_size
                else:
                    raise ClaimFalse(f"{path}: neither a plain file nor a folder", hint=REPLACE)


def require_safe(path: str) -> None:
    """Refuse a path that could lead out of the release, or that another file system would change.

    Raises:  ClaimFalse.
    """
    names = path.split("/")
    if not path.isprintable() or unicodedata.normalize("NFC", path) != path:
        raise ClaimFalse(f"{path!r}: a name that does not survive every file system", hint=REPLACE)
    if "\\" in path or ":" in path or any(name in ("", ".", "..") for name in names):
        raise ClaimFalse(f"{path!r}: not a safe path within a release", hint="do not unpack or use this release")
