"""The release's files as they lie on disk: plain files under safe names, opened without following a link."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from glasswright.errors import ClaimFalse

MAX_RECORD_BYTES = 2**31
REPLACE = "fetch the release again"


@dataclass(frozen=True, slots=True)
class Folder:
    """A release folder. Paths within it are relative and written with `/`.

    Once the list of files has been read, `sizes` holds it: a file of another size is not opened, for it might be
    without end.
    """

    root: Path
    sizes: dict[str, int] = field(default_factory=dict)

    def walk(self) -> Iterator[tuple[str, int]]:
        """Every file with its size; an empty folder as its path with `/` behind it.

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
        file = os.fdopen(descriptor, "rb")
        try:
            self._require_plain(path, os.fstat(descriptor))
        except ClaimFalse:
            file.close()
            raise
        return file

    def read(self, path: str) -> bytes:
        """All bytes of a file that is one record.

        Raises:  ClaimFalse as `open` does, and if it is larger than any record.
        """
        with self.open(path) as file:
            if os.fstat(file.fileno()).st_size > MAX_RECORD_BYTES:
                raise ClaimFalse(f"{path}: more than {MAX_RECORD_BYTES} bytes, larger than any record", hint=REPLACE)
            return file.read()

    def _require_plain(self, path: str, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise ClaimFalse(f"{path}: not a plain file", hint=REPLACE)
        listed = self.sizes.get(path)
        if listed is not None and listed != found.st_size:
            raise ClaimFalse(f"{path}: {listed} bytes are listed, {found.st_size} found", hint=REPLACE)

    def _walk(self, folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
            if not entries:
                yield prefix, 0
            for entry in entries:
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
