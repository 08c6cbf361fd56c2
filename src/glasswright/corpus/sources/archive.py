"""A ZIP archive that a document is, looked at before anything in it is unpacked."""

import zipfile

from glasswright.corpus.sources.limits import MAX_GROWTH

MAX_UNPACKED_BYTES = 512 * 2**20
MAX_MEMBERS = 2**16
MEMBER = b"PK\1\2"  # begins each line of the archive's directory


def has_too_many_members(data: bytes) -> bool:
    """Whether its directory is longer than any document's: asked before it is read."""
    return data.count(MEMBER) > MAX_MEMBERS


def is_bomb(archive: zipfile.ZipFile, packed: int) -> bool:
    """Whether it would unpack to out of all proportion. packed: its size"""
    unpacked = sum(entry.file_size for entry in archive.infolist())
    return unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_GROWTH * max(packed, 1)
