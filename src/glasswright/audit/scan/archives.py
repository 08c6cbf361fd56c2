"""Zip and tar files: members that would land outside, links out, sizes that explode; then what is in them.

The listing is one finding. Each member of a kind that can be unsafe is looked into as a file would be, an archive in an
archive too, down to MAX_DEPTH. What could not be looked into is named in a finding that is UNKNOWN.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from glasswright.audit.scan import tars
from glasswright.audit.scan.bounds import MAX_READ_BYTES, Bounded, BoundReached, Budget, beginning, named
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.kinds import CALLED_ARCHIVES, ZIP, compression, is_inert, is_looked_into
from glasswright.audit.scan.tars import NotAnArchive, tar_members
from glasswright.records.verdict import Answer, Finding

MAX_MEMBERS = 100_000
MAX_MEMBER_BYTES = 2**26  # of a member that is looked into
MAX_DEPTH = 2  # archives around an archive
MAX_DIRECTORY_BYTES = 2**24  # of a zip's listing, which is held in memory
MAX_RATIO = 1_000  # unpacked to packed; deflate reaches 1,032 on zeros alone
MIN_SUSPICIOUS_BYTES = 1_000_000_000
FIRST_BYTES = 8
HINT = "do not unpack it; unpack a copy in an empty sandbox if it must be read"
UNPACKERS: dict[str, Callable[[Any], Any]] = {
    "gzip": lambda file: gzip.GzipFile(fileobj=file),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}
# What the readers raise at bytes that are no zip, or an encrypted or damaged one.
DAMAGED = (*tars.DAMAGED, zipfile.BadZipFile, lzma.LZMAError, zlib.error, RuntimeError, IndexError, KeyError)

LookInto = Callable[[Item], Iterator[Finding]]


@dataclass
class Listing:
    """What is known of an archive while its members are read."""

    item: Item
    packed_bytes: int
    num_members: int = 0
    unpacked_bytes: int = 0
    wrong: str | None = None
    unread: list[str] = field(default_factory=list)

    def take(self, size_bytes: int, wrong: str | None) -> None:
        """Raises:  BoundReached after MAX_MEMBERS."""
        self.num_members += 1
        if self.num_members > MAX_MEMBERS:
            raise BoundReached(f"it has more than {MAX_MEMBERS:,} members")
        self.unpacked_bytes += size_bytes
        self.wrong = self.wrong or wrong
        if self.unpacked_bytes > max(MIN_SUSPICIOUS_BYTES, MAX_RATIO * self.packed_bytes):
            self.wrong = self.wrong or f"{self.packed_bytes} bytes unpack to more than {self.unpacked_bytes}"

    def member(self, name: str, size_bytes: int, file: BinaryIO) -> Item:
        """A member to look into."""
        return Item(
            shown=f"{self.item.shown}/{name}",
            size_bytes=size_bytes,
            open=lambda: _as_it_is(file),
            is_beside=None,
            unpacked=self.item.unpacked,
            depth=self.item.depth + 1,
        )


def scan_archive(item: Item, look_into: LookInto) -> Iterator[Finding]:
    """The finding of one archive, and those of its members; none if it is neither zip nor tar by its bytes or name."""
    claim = f"{item.shown}: unpacking it stays inside its folder"
    if item.depth > MAX_DEPTH:
        yield _unknown(claim, f"an archive in {item.depth} archives; {MAX_DEPTH} are looked into")
        return
    listing = Listing(item, item.size_bytes)
    findings: list[Finding] = []
    try:
        with item.open() as file:
            for member in _members(file, listing):
                findings += look_into(member)
    except NotAnArchive:
        if item.name.endswith(CALLED_ARCHIVES):
            yield _unknown(claim, "its name says archive, its bytes do not")
        return
    except BoundReached as error:
        yield (
            _refuted(claim, listing.wrong)
            if listing.wrong
            else _unknown(claim, f"not all of it was looked at: {error}")
        )
    except DAMAGED as error:
        told = f"its listing could not be read: {type(error).__name__}: {str(error)[:200]}"
        yield _refuted(claim, listing.wrong) if listing.wrong else _unknown(claim, told)
    else:
        number = f"{listing.num_members} members, none of them outside"
        yield (
            _refuted(claim, listing.wrong)
            if listing.wrong
            else Finding(claim=claim, answer=Answer.PROVED, evidence=number)
        )
    yield from findings
    if listing.unread:
        yield _unknown(
            f"{item.shown}: what is in it was looked into",
            f"{len(listing.unread)} of {listing.num_members} members were not: {named(listing.unread)}",
        )


def _members(file: BinaryIO, listing: Listing) -> Iterator[Item]:
    """The members that are to be looked into, each to be read before the next is asked for.

    A file that is a tar and ends as a zip is read as both: which of the two it is unpacked as, is not known.
    """
    first = beginning(file, FIRST_BYTES)
    if first.startswith(ZIP):
        yield from _zip(file, listing)
        return
    if packed := compression(first):
        yield from _packed_tar(file, packed, listing)
        return
    is_zip = zipfile.is_zipfile(file)
    file.seek(0)
    try:
        yield from _tar(file, listing)
    except NotAnArchive:
        if not is_zip:
            raise
    if is_zip:
        yield from _zip(file, listing)


def _packed_tar(file: BinaryIO, packed: str, listing: Listing) -> Iterator[Item]:
    if packed not in UNPACKERS:
        raise NotAnArchive
    file.seek(0)
    with UNPACKERS[packed](file) as unpacked:
        yield from _tar(cast(BinaryIO, Bounded(unpacked, listing.item.unpacked, seeks=False)), listing)


def _zip(file: BinaryIO, listing: Listing) -> Iterator[Item]:
    from picklescan.relaxed_zipfile import RelaxedZipFile  # as torch reads: a header that lies hides nothing

    with RelaxedZipFile(Bounded(file, Budget(MAX_READ_BYTES), at_once=MAX_DIRECTORY_BYTES)) as archive:
        members = archive.infolist()
        listing.packed_bytes = sum(member.compress_size for member in members)
        for member in members:
            listing.take(member.file_size, _wrong_in_zip(member))
        for member in members:
            if not member.is_dir():
                yield from _zip_member(archive, member, listing)


def _zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, listing: Listing) -> Iterator[Item]:
    try:
        with archive.open(member) as stream:
            content = Bounded(cast(BinaryIO, stream), listing.item.unpacked, seeks=False)
            item = _looked_into(cast(BinaryIO, content), member.filename, member.file_size, listing)
    except DAMAGED as error:
        listing.unread.append(f"{member.filename} ({type(error).__name__}: {str(error)[:80]})")
        return
    if item is not None:
        yield item


def _tar(file: BinaryIO, listing: Listing) -> Iterator[Item]:
    for member in tar_members(file):
        listing.take(member.size if member.isreg() else 0, _wrong_in_tar(member))
        if member.issparse():
            listing.unread.append(f"{member.name} (a file with holes)")
        elif member.isreg():
            file.seek(member.offset_data)
            item = _looked_into(file, member.name, member.size, listing)
            if item is not None:
                yield item


def _looked_into(content: BinaryIO, name: str, size_bytes: int, listing: Listing) -> Item | None:
    """The member with its bytes, if it is of a kind that is looked into; one that is too large is noted as unread."""
    first = content.read(min(FIRST_BYTES, size_bytes))
    if not is_looked_into(name.rsplit("/", 1)[-1].lower(), first):
        if size_bytes and not is_inert(name.lower()):
            listing.unread.append(f"{name} (of a kind that is not known)")
        return None
    if size_bytes > MAX_MEMBER_BYTES:
        listing.unread.append(f"{name} ({size_bytes:,} bytes, where at most {MAX_MEMBER_BYTES:,} are looked into)")
        return None
    return listing.member(name, size_bytes, io.BytesIO(first + beginning(content, size_bytes - len(first))))


def _wrong_in_zip(member: zipfile.ZipInfo) -> str | None:
    if _outside(member.filename):
        return f"member {member.filename!r} would land outside"
    return f"member {member.filename!r} is a link" if (member.external_attr >> 16) & 0o170000 == 0o120000 else None


def _wrong_in_tar(member: tarfile.TarInfo) -> str | None:
    if _outside(member.name):
        return f"member {member.name!r} would land outside"
    if (member.issym() or member.islnk()) and _outside_link(member):
        return f"member {member.name!r} links to {member.linkname!r}, outside"
    return f"member {member.name!r} is a device" if member.isdev() or member.isfifo() else None


def _outside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or (len(name) > 1 and name[1] == ":")


def _outside_link(member: tarfile.TarInfo) -> bool:
    target = PurePosixPath(member.linkname)
    if target.is_absolute():
        return True
    depth = 0
    parts = (*(PurePosixPath(member.name).parent.parts if member.issym() else ()), *target.parts)
    for part in parts:
        depth += -1 if part == ".." else 0 if part == "." else 1
        if depth < 0:
            return True
    return False


@contextmanager
def _as_it_is(file: BinaryIO) -> Iterator[BinaryIO]:
    file.seek(0)
    yield file


def _unknown(claim: str, evidence: str) -> Finding:
    return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=evidence, hint=HINT)


def _refuted(claim: str, evidence: str) -> Finding:
    return Finding(claim=claim, answer=Answer.REFUTED, evidence=evidence, hint=HINT)
