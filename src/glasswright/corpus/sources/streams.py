"""Files read as streams: hashed as they are read, unpacked on the way."""

import gzip
import hashlib
import io
import zlib
from typing import Any, BinaryIO, cast

import zstandard

from glasswright.corpus.found import Inventory
from glasswright.corpus.sources.files import Entry, NotRead, cannot_be_read, require_unchanged

DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)  # what unpacking a cut or changed file raises

PACKED = (".gz", ".zst")
INPUT_BYTES = 2**12  # at once: four bytes of Zstandard may become 128 KiB
FETCH_AGAIN = "the file was cut short or changed; fetch it again"


def unpacked(entry: Entry, file: io.RawIOBase | BinaryIO) -> io.BufferedReader:
    """What a file named .gz or .zst holds; another file as it is. Raises `DAMAGED` while it is read."""
    name = entry.path.lower()
    if name.endswith(".gz"):
        return cast(io.BufferedReader, gzip.GzipFile(fileobj=cast(BinaryIO, file)))
    if name.endswith(".zst"):
        return io.BufferedReader(Zstandard(file))
    return io.BufferedReader(cast(io.RawIOBase, file))


class Hashed(io.RawIOBase):
    """A file whose sha256 is taken as it is read, and whose inventory is told how far that is."""

    def __init__(self, entry: Entry, file: BinaryIO, inventory: Inventory):
        self._entry, self._file, self._inventory = entry, file, inventory
        self._hasher = hashlib.sha256()
        self._num_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except OSError as error:
            raise cannot_be_read(self._entry, error) from error
        self._hasher.update(data)
        self._num_bytes += len(data)
        self._inventory.num_bytes += len(data)
        if self._num_bytes > self._entry.num_bytes:
            raise NotRead(self._entry, "grows while it is read", reason="file_changed")
        buffer[: len(data)] = data
        return len(data)

    def reach(self, place: int) -> None:
        """Read on to a place that another reader of the file has reached."""
        while self._num_bytes < place and self.read(min(2**20, place - self._num_bytes)):
            pass

    def finish(self) -> tuple[str, int]:
        """(sha256, bytes) of the whole file, which is now in the inventory; what nobody read is read now.

        Raises:  NotRead if the file is no longer as it was listed.
        """
        while self.read(2**20):
            pass
        require_unchanged(self._entry, self._file)
        known = self._inventory.files[self._entry.path] = (self._hasher.hexdigest(), self._num_bytes)
        return known


class Zstandard(io.RawIOBase):
    """A Zstandard file of one or more frames; one that stops within a frame is an error, not an end."""

    def __init__(self, file: io.RawIOBase | BinaryIO):
        self._file = file
        self._decoder = zstandard.ZstdDecompressor().decompressobj()
        self._fresh = True  # no byte of the current frame was seen
        self._input = b""
        self._output = memoryview(b"")  # cut without copying: it may be 128 MiB

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._output:
            if not self._input:
                self._input = self._file.read(INPUT_BYTES) or b""
                if not self._input:
                    if not self._fresh:
                        raise EOFError("the file ends within a Zstandard frame")
                    return 0
            self._feed()
        data, self._output = self._output[: len(buffer)], self._output[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def _feed(self) -> None:
        self._output = memoryview(self._decoder.decompress(self._input))
        self._input, self._fresh = b"", False
        if self._decoder.eof:
            self._input = self._decoder.unused_data
            self._decoder = zstandard.ZstdDecompressor().decompressobj()
            self._fresh = True
