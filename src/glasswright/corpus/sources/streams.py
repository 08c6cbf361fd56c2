"""Files read as streams: found by the end of their names, hashed as they are read, unpacked on the way."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

from glasswright.corpus.sources.files import Entry, matches, walk
from glasswright.errors import Misuse

DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)  # what unpacking a cut or changed file raises


def entries(root: Path, suffixes: tuple[str, ...], include: tuple[str, ...]) -> Iterator[Entry]:
    """One file, or the files below a folder whose names match a pattern, or without patterns end in a suffix."""
    if root.is_file():
        yield Entry(path=root.name, place=root, is_link=False, num_bytes=root.stat().st_size)
        return
    for entry in walk(root):
        named = any(matches(entry.path, pattern) for pattern in include)
        if not entry.is_link and (named or (not include and entry.path.lower().endswith(suffixes))):
            yield entry


def open_entry(entry: Entry) -> BinaryIO:
    """Raises:  Misuse if it cannot be read, or is no longer there."""
    try:
        return entry.place.open("rb")
    except OSError as error:
        raise Misuse(f"{entry.place}: cannot be read: {error.strerror}", hint="check that you may read it") from error


def decompressed(entry: Entry, file: "Hashed") -> io.BufferedReader:
    """What a file named .gz or .zst holds; another file as it is. Raises `DAMAGED` while it is read."""
    name = entry.path.lower()
    if name.endswith(".gz"):
        return cast(io.BufferedReader, gzip.GzipFile(fileobj=cast(BinaryIO, file)))
    if name.endswith(".zst"):
        return io.BufferedReader(Zstandard(file))
    return io.BufferedReader(file)


class Hashed(io.RawIOBase):
    """A file whose sha256 is taken as it is read."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._hasher = hashlib.sha256()
        self._num_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        self._hasher.update(data)
        self._num_bytes += len(data)
        buffer[: len(data)] = data
        return len(data)

    def finish(self) -> tuple[str, int]:
        """(sha256, bytes) of the whole file; what a decoder left unread is read now."""
        if not self._num_bytes:
            self._file.seek(0)
        while self.read(2**20):
            pass
        return self._hasher.hexdigest(), self._num_bytes


class Zstandard(io.RawIOBase):
    """A Zstandard file of one or more frames; one that stops within a frame is an error, not an end."""

    def __init__(self, file: io.RawIOBase | io.BytesIO):
        self._file = file
        self._decoder = zstandard.ZstdDecompressor().decompressobj()
        self._fresh = True  # no byte of the current frame was seen
        self._input = b""
        self._output = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._output:
            if not self._input:
                self._input = self._file.read(2**16) or b""
                if not self._input:
                    if not self._fresh:
                        raise EOFError("the file ends within a Zstandard frame")
                    return 0
            self._feed()
        data, self._output = self._output[: len(buffer)], self._output[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def _feed(self) -> None:
        self._output = self._decoder.decompress(self._input)
        self._input, self._fresh = b"", False
        if self._decoder.eof:
            self._input = self._decoder.unused_data
            self._decoder = zstandard.ZstdDecompressor().decompressobj()
            self._fresh = True
