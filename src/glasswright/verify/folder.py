"""The release's files as they lie on disk: plain files under safe names, opened without following a link."""

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from glasswright import foreign
from glasswright.errors import ClaimFalse, Unknown
from glasswright.records.private import PRIVATE, TOLD, is_withheld

MAX_RECORD_BYTES = 2**31
MAX_ENTRIES = 10_000_000
REPLACE = "fetch the release again"
OWNER = "the owner's copy of this release has it"
AGAIN = "check the disk and your permissions, then verify again"


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

        Raises:  ClaimFalse at a link, a device, a pipe or an unsafe name; Unknown if a folder cannot be read.
        """
        folder = ""  # the one entered last, while nothing in it has been seen
        with _said(str(self.root)):
            for entry in foreign.walk(self.root, max_entries=MAX_ENTRIES):
                if folder and not entry.path.startswith(folder):
                    yield folder, 0
                require_safe(entry.path)
                folder = f"{entry.path}/" if entry.kind == "folder" else ""
                if entry.kind == "file":
                    yield entry.path, entry.size_bytes
                elif entry.kind == "unlisted":
                    raise Unknown(f"{entry.path}: {entry.why}", hint=AGAIN)
                elif entry.kind == "other":
                    raise ClaimFalse(f"{entry.path}: {entry.why}; a release holds plain files", hint=REPLACE)
        if folder:
            yield folder, 0

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A plain file of the release, open for reading.

        Raises:  ClaimFalse if it is missing, a link or not a plain file; Unknown if it cannot be read, or changes
                 meanwhile; Withheld if it is missing as it may be of a private release.
        """
        require_safe(path)
        with self._withheld(path), _said(path), foreign.opened(path, below=self.root) as file:
            listed, found = self.sizes.get(path), foreign.size_of(file)
            if listed is not None and listed != found:
                raise ClaimFalse(f"{path}: {listed} bytes are listed, {found} found", hint=REPLACE)
            yield file

    @contextmanager
    def _withheld(self, path: str) -> Iterator[None]:
        """That a private release is without what is its owner's alone is no fault of its."""
        try:
            yield
        except _Missing as error:
            if is_withheld(path) and os.path.lexists(self.root / PRIVATE):
                raise Withheld(f"{path}: withheld: {TOLD}", hint=OWNER) from error
            raise

    def read(self, path: str) -> bytes:
        """All bytes of a file that is one record.

        Raises:  ClaimFalse as `open` does, and if it is larger than any record.
        """
        with self.open(path) as file:
            if foreign.size_of(file) > MAX_RECORD_BYTES:
                raise ClaimFalse(f"{path}: more than {MAX_RECORD_BYTES} bytes, larger than any record", hint=REPLACE)
            return file.read()


class Withheld(Unknown):
    """A private release's owner keeps it to himself."""


class _Missing(ClaimFalse):
    """A file is not there."""


@contextmanager
def _said(path: str) -> Iterator[None]:
    """A stranger's file that was not read, as an answer: false where it is not what a release holds."""
    try:
        yield
    except (foreign.Unreadable, foreign.Changed) as error:
        raise Unknown(f"{path}: {error.why}", hint=AGAIN) from error
    except foreign.Missing as error:
        raise _Missing(f"{path}: missing", hint=REPLACE) from error
    except foreign.NotRead as error:
        raise ClaimFalse(f"{path}: {error.why}", hint=REPLACE) from error


def require_safe(path: str) -> None:
    """Refuse a path that could lead out of the release, or that another file system would change.

    Raises:  ClaimFalse.
    """
    names = path.split("/")
    if not path.isprintable() or unicodedata.normalize("NFC", path) != path:
        raise ClaimFalse(f"{path!r}: a name that does not survive every file system", hint=REPLACE)
    if "\\" in path or ":" in path or any(name in ("", ".", "..") for name in names):
        raise ClaimFalse(f"{path!r}: not a safe path within a release", hint="do not unpack or use this release")
