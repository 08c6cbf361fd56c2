"""Files read as streams: hashed as they are read, unpacked on the way."""

import bz2
import gzip
import hashlib
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, cast

import zstandard

from glasswright.corpus.found import Inventory
from glasswright.corpus.sources.files import Entry, NotRead, cannot_be_read, require_unchanged
from glasswright.corpus.sources.limits import Growth

# what unpacking a cut or changed file raises
DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
PACKED = (".gz", ".zst")
INPUT_BYTES = 2**12  # at once: four bytes of Zstandard may become 128 KiB
MAX_DICTIONARY_BYTES = 2**28  # of LZMA, which states how much memory it takes: 64 MiB at its highest level
FETCH_AGAIN = "the file was cut short or changed; fetch it again"


def unpacked(entry: Entry, file: io.RawIOBase | BinaryIO) -> io.BufferedReader:
    """What a file named .gz or .zst holds; another file as it is.

    Raises `DAMAGED` while it is read, and OutOfProportion where it grows beyond what it may.
    """
    suffix = next((suffix for suffix in PACKED if entry.path.lower().endswith(suffix)), "")
    return unpack(suffix, file, Growth(entry.place, entry.num_bytes))


def unpack(suffix: str, file: io.RawIOBase | BinaryIO, growth: Growth) -> io.BufferedReader:
    """A file unpacked as it is read, told by the end of its name."""
    if not suffix:
        return io.BufferedReader(cast(io.RawIOBase, file))
    return io.BufferedReader(_Growing(UNPACK[suffix](file), growth), INPUT_BYTES * 16)


class _Growing(io.RawIOBase):
    """A stream that is held to what its file may unpack to."""

    def __init__(self, file: Any, growth: Growth):
        self._file, self._growth = file, growth

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        self._growth.add(len(data))
        buffer[: len(data)] = data
        return len(data)


class Part(io.RawIOBase):
    """So many bytes of a file that is read onwards, from where it stands."""

    def __init__(self, read: Callable[[int], bytes], num_bytes: int):
        self.num_bytes = num_bytes
        self._read, self._left = read, num_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._read(min(len(buffer), self._left))
        if not data and self._left and len(buffer):
            raise EOFError("it ends within a member")
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def skip(self) -> None:
        """Read what is left."""
        while self.read(2**20):
            pass


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


class Frames(io.RawIOBase):
    """A file of one or more packed frames; one that stops within a frame is an error, not an end."""

    def __init__(self, file: io.RawIOBase | BinaryIO, decoder: Callable[[], Any]):
        self._file, self._new_decoder = file, decoder
        self._decoder = decoder()
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
                        raise EOFError("the file ends within a frame")
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
            self._decoder = self._new_decoder()
            self._fresh = True


def _lzma() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, MAX_DICTIONARY_BYTES)


UNPACK: dict[str, Callable[[Any], Any]] = {
    ".gz": lambda file: gzip.GzipFile(fileobj=file),
    ".bz2": bz2.BZ2File,
    ".xz": lambda file: Frames(file, _lzma),
    ".zst": lambda file: Frames(file, lambda: zstandard.ZstdDecompressor().decompressobj()),
}
