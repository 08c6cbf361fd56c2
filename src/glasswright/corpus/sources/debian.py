"""The documentation in Debian packages: usr/share/doc, under the package's copyright file.

    debian-binary  control.tar.*  data.tar.*        members of the `ar` archive that a .deb is

The package is read in memory and nothing of it is installed, run or unpacked to disk, so no path in it leads anywhere.
"""

import io
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from glasswright.corpus.evidence.tree import Tree
from glasswright.corpus.found import Found, Inventory, Opened
from glasswright.corpus.sources import ar, streams, tar
from glasswright.corpus.sources.aside import LINK, SPECIAL, set_aside, set_aside_stream
from glasswright.corpus.sources.containers import open_containers
from glasswright.corpus.sources.files import Entry, open_entry, spelled
from glasswright.corpus.sources.folder import documents
from glasswright.corpus.sources.limits import MAX_DOCUMENT_BYTES, MAX_PATH_BYTES, Growth
from glasswright.corpus.sources.media import UNKNOWN, media_type
from glasswright.corpus.sources.streams import FETCH_AGAIN, Hashed, unpack
from glasswright.errors import Misuse

DOCUMENTATION = ("usr", "share", "doc")
MAX_HELD_BYTES = 2**30  # of documentation, which is held in memory
DAMAGED = (tarfile.TarError, ValueError, *streams.DAMAGED)


def open_debian(root: Path, *, uri: str, include: tuple[str, ...]) -> Opened:
    """The documentation in one package, or in every one below a folder."""
    return open_containers(root, "debian", uri=uri, include=include, documents=_documents)


def _documents(entry: Entry, inventory: Inventory) -> Iterator[Found]:
    with open_entry(entry) as file:
        hashed = Hashed(entry, file, inventory)
        try:
            texts, others = _documentation(entry.path, _data_archive(entry, hashed))
        except DAMAGED as error:
            message = f"{entry.place}: cannot be read as a Debian package: {error}"
            raise Misuse(message, hint=FETCH_AGAIN) from error
        hashed.finish()
    yield from others
    yield from _texts(texts)


def _texts(files: dict[str, bytes]) -> Iterator[Found]:
    tree = Tree(files, files.__getitem__)
    for path, data in files.items():
        plain, text = path, data
        if path.endswith(".gz"):
            plain = path.removesuffix(".gz")
            try:
                text = _inflated(path, data)
            except DAMAGED:
                yield set_aside(path, data, "application/gzip", "archive_not_readable")
                continue
            if len(text) > MAX_DOCUMENT_BYTES:
                yield set_aside(path, data, "application/gzip", "file_too_large")
                continue
        around = tree.statements(path)
        for found in documents(plain, text, media_type(plain)):
            named = path + found.path.removeprefix(plain)
            yield replace(found, path=named, statements=(*found.statements, *around))


def _documentation(package: str, archive: BinaryIO) -> tuple[dict[str, bytes], list[Found]]:
    """The files below usr/share/doc, and a `Found` for each of its links and for each path that leads out."""
    files: dict[str, bytes] = {}
    others = []
    num_held = 0
    for member, content in tar.members(archive):
        path, reason = _place(package, member)
        if path is None:
            continue
        reason = reason or ("path_twice" if path in files else None)
        if reason == "file_too_large":
            others.append(set_aside_stream(path, content, UNKNOWN, reason))
        elif reason is not None:
            others.append(_aside(path, member, reason))
        else:
            files[path] = content.read(member.size)
            num_held += member.size
            if num_held > MAX_HELD_BYTES:
                raise ValueError(f"its documentation has more than {MAX_HELD_BYTES} bytes")
    while archive.read(2**20):  # to the end, where compression keeps its check sum
        pass
    return files, _told_apart(others)


def _place(package: str, member: tarfile.TarInfo) -> tuple[str | None, str | None]:
    """The path of a member of the documentation, None for any other; and why it is not read, if it is not."""
    if len(member.name) > MAX_PATH_BYTES:
        return f"{package}/{spelled(_bytes(member.name[:80]))}...", "path_too_long"
    parts = PurePosixPath(member.name).parts
    path = f"{package}/{spelled(_bytes('/'.join(parts).lstrip('/')))}"
    if ".." in parts or member.name.startswith("/"):
        return path, "path_leaves_archive"
    if parts[:3] != DOCUMENTATION or member.isdir():
        return None, None
    if member.issym() or member.islnk():
        return path, "link_not_followed"
    if not member.isreg() or member.issparse():  # which states any size, and holds next to nothing
        return path, "not_a_file"
    return path, "file_too_large" if member.size > MAX_DOCUMENT_BYTES else None


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _told_apart(others: list[Found]) -> list[Found]:
    """A path that was set aside before is numbered: the archive may repeat it as often as it likes."""
    met: Counter[str] = Counter()
    apart = []
    for found in others:
        met[found.path] += 1
        apart.append(found if met[found.path] == 1 else replace(found, path=f"{found.path}#{met[found.path]}"))
    return apart


def _aside(path: str, member: tarfile.TarInfo, reason: str) -> Found:
    kind = LINK if member.issym() or member.islnk() else UNKNOWN if member.isreg() else SPECIAL
    return set_aside(path, _bytes(member.linkname), kind, reason)


def _data_archive(entry: Entry, package: Hashed) -> BinaryIO:
    """The package's files as one plain tar, unpacked as it is read."""
    for name, member in ar.members(cast(BinaryIO, io.BufferedReader(package))):
        if name.startswith("data.tar"):
            suffix = name.removeprefix("data.tar")
            if suffix and suffix not in streams.UNPACK:
                raise ValueError(f"{name} is packed in a way that is not read")
            return unpack(suffix, member, Growth(entry.place, member.num_bytes))
    raise ValueError("it has no data.tar")


def _inflated(path: str, data: bytes) -> bytes:
    """A text unpacked, as far as one may be long."""
    return unpack(".gz", io.BytesIO(data), Growth(path, len(data), free=MAX_DOCUMENT_BYTES + 1)).read(
        MAX_DOCUMENT_BYTES + 1
    )
