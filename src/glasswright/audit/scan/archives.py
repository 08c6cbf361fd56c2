"""Zip and tar files: members that would land outside, links out, sizes that explode; then what is in them.

The listing is one finding. Each member is looked into as a file would be, an archive in an archive too, down to
MAX_DEPTH. What could not be looked into is named in a finding that is UNKNOWN.
"""

import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from glasswright.audit.scan import tars
from glasswright.audit.scan.bounds import MAX_READ_BYTES, Bounded, BoundReached, Budget, beginning, named
from glasswright.audit.scan.encoded import pickle_in
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.kinds import CONTROL, PROTOCOLS
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.audit.scan.tars import NotAnArchive, tar_members
from glasswright.records.verdict import Finding

MAX_MEMBERS = 100_000
MAX_MEMBER_BYTES = 2**26  # of a member are held in memory; a reader that needs more says so
MAX_DEPTH = 4  # archives, or packed files, around an archive
MAX_DIRECTORY_BYTES = 2**24  # of a zip's listing, which is held in memory
MAX_RATIO = 1_000  # unpacked to packed; deflate reaches 1,032 on zeros alone
MIN_SUSPICIOUS_BYTES = 1_000_000_000
HINT = "do not unpack it; unpack a copy in an empty sandbox if it must be read"
TORCH_NUMBERS = re.compile(
    r"(?P<within>(?:.*/)?)(?:data|constants|\.data)/\d+(?:\.storage)?"
)  # beside the pickle that describes them
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
        data = beginning(file, min(size_bytes, MAX_MEMBER_BYTES))
        return replace(self.item.within(name, data), size_bytes=size_bytes)


Members = Callable[[BinaryIO, Listing], Iterator[Item]]


def scan_archive(item: Item, kind: str, look_into: LookInto) -> Iterator[Finding]:
    """The finding of a zip or a tar, and those of its members."""
    with item.open() as file:
        yield from scan_members(item, (_zip if kind == "zip" else _tar), file, look_into)


def scan_tar(item: Item, unpacked: BinaryIO, look_into: LookInto) -> Iterator[Finding]:
    """The same of a tar that is packed as a whole."""
    yield from scan_members(item, _tar, unpacked, look_into)


def scan_members(item: Item, members: Members, file: BinaryIO, look_into: LookInto) -> Iterator[Finding]:
    """The finding of one archive by its listing, and those of its members."""
    claim = f"{item.shown}: unpacking it stays inside its folder"
    if item.depth > MAX_DEPTH:
        yield unknown(claim, f"an archive in {item.depth} archives; {MAX_DEPTH} are looked into", hint=HINT)
        return
    listing, findings, why = Listing(item, item.size_bytes), list[Finding](), ""
    try:
        for member in members(file, listing):
            findings += look_into(member)
    except NotAnArchive:
        why = "its name says archive, its bytes do not"
    except BoundReached as error:
        why = f"not all of it was looked at: {error}"
    except DAMAGED as error:
        why = f"its listing could not be read: {type(error).__name__}: {str(error)[:200]}"
    if listing.wrong:
        yield refuted(claim, listing.wrong, hint=HINT)
    elif why:
        yield unknown(claim, why, hint=HINT)
    else:
        yield proved(claim, f"{listing.num_members} members, none of them outside")
    yield from findings
    if listing.unread:
        told = f"{len(listing.unread)} of {listing.num_members} members were not: {named(listing.unread)}"
        yield unknown(f"{item.shown}: what is in it was looked into", told, hint=HINT)


def _zip(file: BinaryIO, listing: Listing) -> Iterator[Item]:
    from picklescan.relaxed_zipfile import RelaxedZipFile  # as torch reads: a header that lies hides nothing

    with RelaxedZipFile(Bounded(file, Budget(MAX_READ_BYTES), at_once=MAX_DIRECTORY_BYTES)) as archive:
        members = archive.infolist()
        names = {member.filename for member in members}
        listing.packed_bytes = sum(member.compress_size for member in members)
        if any(map(_is_no_text, (archive.comment, *(member.comment for member in members), *_extras(members)))):
            listing.unread.append("a comment (it holds more than words)")
        for member in members:
            listing.take(member.file_size, _wrong_in_zip(member))
        for member in members:
            if not member.is_dir() and not _is_numbers(member.filename, names):
                yield from _zip_member(archive, member, listing)


def _is_no_text(comment: bytes) -> bool:
    """Whether a comment holds what a person cannot read, or a pickle."""
    is_read = not CONTROL.search(comment.decode("utf-8", errors="replace"))
    return not is_read or pickle_in(comment) is not None


def _extras(members: list[zipfile.ZipInfo]) -> Iterator[bytes]:
    """What stands beside the members and is marked as a pickle is. Other fields are numbers: times, owners, sizes."""
    return (member.extra[4:] for member in members if member.extra[4:].startswith(PROTOCOLS))


def _is_numbers(name: str, names: set[str]) -> bool:
    """Whether torch reads a member as bare numbers, as the pickle beside it says."""
    found = TORCH_NUMBERS.fullmatch(name)
    return found is not None and f"{found['within']}data.pkl" in names


def _zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, listing: Listing) -> Iterator[Item]:
    try:
        with archive.open(member) as stream:
            content = Bounded(cast(BinaryIO, stream), listing.item.unpacked, seeks=False)
            item = listing.member(member.filename, member.file_size, cast(BinaryIO, content))
    except DAMAGED as error:
        listing.unread.append(f"{member.filename} ({type(error).__name__}: {str(error)[:80]})")
        return
    yield item


def _tar(file: BinaryIO, listing: Listing) -> Iterator[Item]:
    for member in tar_members(file):
        listing.take(member.size if member.isreg() else 0, _wrong_in_tar(member))
        if member.issparse():
            listing.unread.append(f"{member.name} (a file with holes)")
        elif member.isreg():
            file.seek(member.offset_data)
            yield listing.member(member.name, member.size, file)


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
