"""The documentation in Debian packages: usr/share/doc, under the package's copyright file.

    debian-binary  control.tar.*  data.tar.*        members of the `ar` archive that a .deb is

The package is read in memory and nothing of it is installed, run or unpacked to disk, so no path in it leads anywhere.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import zstandard

from glasswright.corpus.evidence.tree import Tree
from glasswright.corpus.found import Found, Inventory, Opened
from glasswright.corpus.sources.files import Entry, read
from glasswright.corpus.sources.folder import documents
from glasswright.corpus.sources.page import set_aside
from glasswright.corpus.sources.streams import Zstandard, entries
from glasswright.errors import Misuse

SUFFIXES = (".deb",)
DOCUMENTATION = ("usr", "share", "doc")
MAX_UNPACKED_BYTES = 2**30
AR_MAGIC, AR_HEADER_BYTES, AR_HEADER_END = b"!<arch>\n", 60, b"`\n"
DAMAGED = (tarfile.TarError, EOFError, OSError, lzma.LZMAError, zlib.error, zstandard.ZstdError, ValueError)
HINT = "the file was cut short or changed; fetch it again"


def open_debian(root: Path, *, uri: str, include: tuple[str, ...]) -> Opened:
    """The documentation in one package, or in every one below a folder."""
    found = list(entries(root, SUFFIXES, include))
    if not found:
        raise Misuse(f"{root}: no Debian package here", hint="expected a name that ends in .deb")
    return Opened(
        uri=uri,
        revision=None,
        files=found,
        read=_documents,
        observed={"how": "read from files on this machine"},
    )


def _documents(files: Sequence[Entry], inventory: Inventory) -> Iterator[Found]:
    for entry in files:
        data = read(entry)
        inventory.add(entry.path, data)
        try:
            texts, others = _documentation(entry.path, _data_archive(data))
        except DAMAGED as error:
            raise Misuse(f"{entry.place}: cannot be read as a Debian package: {error}", hint=HINT) from error
        yield from others
        yield from _texts(texts)


def _texts(files: dict[str, bytes]) -> Iterator[Found]:
    tree = Tree(files, files.__getitem__)
    for path, data in files.items():
        plain, text = path, data
        if path.endswith(".gz"):
            plain = path.removesuffix(".gz")
            try:
                text = _inflated(data)
            except DAMAGED:
                yield set_aside(path, data, "application/gzip", "archive_not_readable")
                continue
        around = tree.statements(path)
        for found in documents(plain, text):
            named = path + found.path.removeprefix(plain)
            yield replace(found, path=named, statements=(*found.statements, *around))


def _documentation(package: str, archive: BinaryIO) -> tuple[dict[str, bytes], list[Found]]:
    """The files below usr/share/doc, and a `Found` for each of its links and for each path that leads out."""
    files: dict[str, bytes] = {}
    others = []
    with tarfile.open(fileobj=archive, mode="r|") as members:
        for member in members:
            parts = PurePosixPath(member.name).parts
            path = f"{package}/{'/'.join(parts).lstrip('/')}"
            if ".." in parts or member.name.startswith("/"):
                others.append(_aside(path, member, "path_leaves_archive"))
            elif parts[:3] != DOCUMENTATION or member.isdir():
                continue
            elif member.issym() or member.islnk():
                others.append(_aside(path, member, "link_not_followed"))
            elif not member.isreg() or path in files:
                others.append(_aside(path, member, "media_type_not_read"))
            else:
                files[path] = cast(BinaryIO, members.extractfile(member)).read()
    while archive.read(2**20):  # to the end, where compression keeps its check sum
        pass
    return files, others


def _aside(path: str, member: tarfile.TarInfo, reason: str) -> Found:
    is_link = member.issym() or member.islnk()
    target = member.linkname.encode("utf-8", "surrogateescape")
    return Found(
        path=path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        media_type="inode/symlink" if is_link else "application/octet-stream",
        text=None,
        raw_sha256=hashlib.sha256(target).hexdigest(),
        num_raw_bytes=len(target),
        reason=reason,
    )


def _data_archive(data: bytes) -> BinaryIO:
    """The package's files as one plain tar, unpacked as it is read."""
    for name, member in _ar_members(data):
        if name.startswith("data.tar"):
            return cast(BinaryIO, io.BufferedReader(_Bounded(_unpacked(name, member))))
    raise ValueError("it has no data.tar")


def _ar_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Source: deb(5); the common `ar` format: 16 bytes name, 32 of times and owners, 10 size, 2 magic; even offsets."""
    if not data.startswith(AR_MAGIC):
        raise ValueError("it is no ar archive")
    place = len(AR_MAGIC)
    while place < len(data):
        header = data[place : place + AR_HEADER_BYTES]
        size = header[48:58].strip()
        if len(header) < AR_HEADER_BYTES or header[58:] != AR_HEADER_END or not size.isdigit():
            raise ValueError(f"no ar header at byte {place}")
        start = place + AR_HEADER_BYTES
        member = data[start : start + int(size)]
        if len(member) < int(size):
            raise EOFError("it ends within a member")
        yield header[:16].decode("ascii", "replace").strip().rstrip("/"), member
        place = start + int(size) + int(size) % 2


def _unpacked(name: str, member: bytes) -> BinaryIO:
    file = io.BytesIO(member)
    unpack: dict[str, Callable[[], Any]] = {
        "": lambda: file,
        ".gz": lambda: gzip.GzipFile(fileobj=file),
        ".xz": lambda: lzma.LZMAFile(file),  # noqa: SIM115  it lives as long as the bytes it reads
        ".bz2": lambda: bz2.BZ2File(file),
        ".zst": lambda: Zstandard(file),
    }
    suffix = name.removeprefix("data.tar")
    if suffix not in unpack:
        raise ValueError(f"{name} is packed in a way that is not read")
    return cast(BinaryIO, unpack[suffix]())


def _inflated(data: bytes) -> bytes:
    return cast(bytes, _Bounded(gzip.GzipFile(fileobj=io.BytesIO(data))).read())


class _Bounded(io.RawIOBase):
    """A stream that refuses to grow beyond what a package may hold."""

    def __init__(self, file: Any):
        self._file = file
        self._left = MAX_UNPACKED_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(f"it unpacks to more than {MAX_UNPACKED_BYTES} bytes")
        buffer[: len(data)] = data
        return len(data)
