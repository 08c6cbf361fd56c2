"""One file, compressed: unpacked within bounds, and looked into as what it is then."""

import bz2
import gzip
import importlib
import io
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, BinaryIO, cast

from glasswright.audit.scan.archives import DAMAGED, MAX_DEPTH, MAX_MEMBER_BYTES, LookInto, scan_tar
from glasswright.audit.scan.bounds import Bounded, beginning
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.kinds import TAR_BLOCK_BYTES, is_tar
from glasswright.audit.scan.says import unknown
from glasswright.records.verdict import Finding

# The same module; since Python 3.14 it is part of the library.
zstd = importlib.import_module("backports.zstd" if sys.version_info < (3, 14) else "compression.zstd")

ENDS = (".gz", ".bz2", ".xz", ".zst", ".lzma", ".zlib", ".tgz", ".z")


class Inflated(io.RawIOBase):
    """A zlib stream, which the standard library has no file for. Nothing may follow it."""

    def __init__(self, file: BinaryIO):
        self.file, self.inflate = file, zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.inflate.eof:
            packed = self.inflate.unconsumed_tail or self.file.read(2**16)
            data = self.inflate.decompress(packed, len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)
            if not packed:
                raise EOFError("it ends within the stream")
        if self.inflate.unused_data or self.file.read(1):
            raise zlib.error("something follows the stream")
        return 0


UNPACKERS: dict[str, Callable[[Any], AbstractContextManager[Any]]] = {
    "gzip": lambda file: gzip.GzipFile(fileobj=file),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
    "lzma": lzma.LZMAFile,
    "zstd": zstd.ZstdFile,
    "zlib": Inflated,
}


def scan_packed(item: Item, kind: str, look_into: LookInto) -> Iterator[Finding]:
    """The findings of what is packed in a file."""
    claim = f"{item.shown}: nothing unsafe is in it"
    if kind not in UNPACKERS or item.depth > MAX_DEPTH:
        yield unknown(claim, f"it is packed with {kind}, {item.depth + 1} deep: what is in it was not looked into")
        return
    try:
        with item.open() as file, UNPACKERS[kind](file) as stream:
            unpacked = cast(BinaryIO, Bounded(stream, item.unpacked, seeks=False))
            data = beginning(unpacked, TAR_BLOCK_BYTES)
            if not is_tar(data):
                data += beginning(unpacked, MAX_MEMBER_BYTES + 1 - len(data))
                whole = replace(item.within(_inner_name(item), data[:MAX_MEMBER_BYTES]), size_bytes=len(data))
                yield from look_into(whole)
                return
        with item.open() as file, UNPACKERS[kind](file) as stream:
            yield from scan_tar(item, cast(BinaryIO, Bounded(stream, item.unpacked, seeks=False)), look_into)
    except (*DAMAGED, zstd.ZstdError) as error:
        yield unknown(claim, f"it could not be unpacked: {type(error).__name__}: {str(error)[:200]}")


def _inner_name(item: Item) -> str:
    name = item.shown.rsplit("/", 1)[-1]
    end = next((end for end in ENDS if item.name.endswith(end)), "")
    return name[: len(name) - len(end)] or name
