"""Zip and tar files by their listing: members that would land outside, links out, and sizes that explode."""

import tarfile
import zipfile
from pathlib import Path, PurePosixPath

from glasswright.records.verdict import Answer, Finding

MAX_RATIO = 1_000  # unpacked to packed; deflate reaches 1,032 on zeros alone
MIN_SUSPICIOUS_BYTES = 1_000_000_000
HINT = "do not unpack it; unpack a copy in an empty sandbox if it must be read"


def scan_archive(file: Path, shown: str) -> Finding | None:
    """The finding of one file; None if it is neither zip nor tar."""
    claim = f"{shown}: unpacking it stays inside its folder"
    try:
        if zipfile.is_zipfile(file):
            wrong, number = _zip(file)
        elif tarfile.is_tarfile(file):
            wrong, number = _tar(file)
        else:
            return _not_an_archive(file, claim)
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, ValueError) as error:
        return Finding(
            claim=claim, answer=Answer.UNKNOWN, evidence=f"its listing could not be read: {error}", hint=HINT
        )
    if wrong:
        return Finding(claim=claim, answer=Answer.REFUTED, evidence=wrong, hint=HINT)
    return Finding(claim=claim, answer=Answer.PROVED, evidence=f"{number} members, none of them outside")


def _zip(file: Path) -> tuple[str | None, int]:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    for member in members:
        if _outside(member.filename):
            return f"member {member.filename!r} would land outside", len(members)
        if (member.external_attr >> 16) & 0o170000 == 0o120000:
            return f"member {member.filename!r} is a link", len(members)
    unpacked, packed = sum(m.file_size for m in members), max(1, sum(m.compress_size for m in members))
    if unpacked > MIN_SUSPICIOUS_BYTES and unpacked / packed > MAX_RATIO:
        return f"{packed} bytes unpack to {unpacked}", len(members)
    return None, len(members)


def _tar(file: Path) -> tuple[str | None, int]:
    number = 0
    with tarfile.open(file) as archive:
        for member in archive:
            number += 1
            if _outside(member.name):
                return f"member {member.name!r} would land outside", number
            if (member.issym() or member.islnk()) and _outside_link(member):
                return f"member {member.name!r} links to {member.linkname!r}, outside", number
            if member.isdev() or member.isfifo():
                return f"member {member.name!r} is a device", number
    return None, number


def _not_an_archive(file: Path, claim: str) -> Finding | None:
    if file.name.lower().endswith((".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")):
        return Finding(
            claim=claim, answer=Answer.UNKNOWN, evidence="its name says archive, its bytes do not", hint=HINT
        )
    return None


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
