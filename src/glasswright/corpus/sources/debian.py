"""The documentation in Debian packages: usr/share/doc, under the package's copyright file.

    debian-binary  control.tar.*  data.tar.*        members of the `ar` archive that a .deb is

The package is read in memory and nothing of it is installed, run or unpacked to disk, so no path in it leads anywhere.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import zstandard

from glasswright.corpus.evidence.tree import Tree
from glasswright.corpus.found import Found, Inventory, Opened
from glasswright.corpus.sources import ar
from glasswright.corpus.sources.aside import LINK, SPECIAL, set_aside
from glasswright.corpus.sources.containers import open_containers
from glasswright.corpus.sources.files import Entry, read, spelled
from glasswright.corpus.sources.folder import documents
from glasswright.corpus.sources.media import UNKNOWN
from glasswright.corpus.sources.streams import FETCH_AGAIN, Zstandard
from glasswright.errors import Misuse

SUFFIXES = (".deb",)
DOCUMENTATION = ("usr", "share", "doc")
MAX_UNPACKED_BYTES = 2**30
DAMAGED = (tarfile.TarError, EOFError, OSError, lzma.LZMAError, zlib.error, zstandard.ZstdError, ValueError)


def open_debian(root: Path, *, uri: str, include: tuple[str, ...]) -> Opened:
    """The documentation in one package, or in every one below a folder."""
    return open_containers(
        root, uri=uri, include=include, what="Debian package", suffixes=SUFFIXES, documents=_documents
    )


def _documents(entry: Entry, inventory: Inventory) -> Iterator[Found]:
    data = read(entry)
    inventory.add(entry.path, data)
    try:
        texts, others = _documentation(entry.path, _data_archive(data))
    except DAMAGED as error:
        message = f"{entry.place}: cannot be read as a Debian package: {error}"
        raise Misuse(message, hint=FETCH_AGAIN) from error
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
    with tarfile.open(fileobj=archive, mode="r|", encoding="utf-8") as members:
        for member in members:
            parts = PurePosixPath(member.name).parts
            name = spelled("/".join(parts).lstrip("/").encode("utf-8", "surrogateescape"))
            path = f"{package}/{name}"
            if ".." in parts or member.name.startswith("/"):
                others.append(_aside(path, member, "path_leaves_archive"))
            elif parts[:3] != DOCUMENTATION or member.isdir():
                continue
            elif member.issym() or member.islnk():
                others.append(_aside(path, member, "link_not_followed"))
            elif not member.isreg():
                others.append(_aside(path, member, "not_a_file"))
            elif path in files:
                others.append(_aside(path, member, "path_twice"))
            else:
                files[path] = cast(BinaryIO, members.extractfile(member)).read()
    while archive.read(2**20):  # to the end, where compression keeps its check sum
        pass
    return files, _told_apart(others)


def _told_apart(others: list[Found]) -> list[Found]:
    """A path that was set aside before is numbered: the archive may repeat it as often as it likes."""
    met: Counter[str] = Counter()
    apart = []
    for found in others:
        met[found.path] += 1
        apart.append(found if met[found.path] == 1 else replace(found, path=f"{found.path}#{met[found.path]}"))
    return apart


def _aside(path: str, member: tarfile.TarInfo, reason: str) -> Found:
    target = member.linkname.encode("utf-8", "surrogateescape")
    kind = LINK if member.issym() or member.islnk() else UNKNOWN if member.isreg() else SPECIAL
    return set_aside(path, target, kind, reason)


def _data_archive(data: bytes) -> BinaryIO:
    """The package's files as one plain tar, unpacked as it is read."""
    for name, member in ar.members(data):
        if name.startswith("data.tar"):
            return cast(BinaryIO, io.BufferedReader(_Bounded(_unpacked(name, member))))
    raise ValueError("it has no data.tar")


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
