"""Texts on disk while the corpus is collected, each once, found again by digest: memory holds the rows alone."""

import tempfile
from pathlib import Path
from types import TracebackType


class Spool:
    """A nameless file of texts in a folder; it is gone when closed, or when the process is killed."""

    def __init__(self, folder: Path):
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 closed by __exit__
        self._places: dict[str, tuple[int, int]] = {}  # sha256 -> (offset, bytes)
        self._end = 0

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, sha256: str, text: str) -> None:
        if sha256 in self._places:
            return
        data = text.encode()
        self._file.seek(self._end)
        self._file.write(data)
        self._places[sha256] = (self._end, len(data))
        self._end += len(data)

    def get(self, sha256: str) -> str:
        offset, size = self._places[sha256]
        self._file.seek(offset)
        return self._file.read(size).decode()
