"""What is seen and not read: a row with the digest of its bytes and the reason."""

import hashlib
import io
from typing import IO

from glasswright.corpus.found import Found, Inventory
from glasswright.corpus.sources.files import Entry, NotRead, open_entry
from glasswright.corpus.sources.media import UNKNOWN
from glasswright.corpus.sources.streams import Hashed

CHUNK_BYTES = 2**20
LINK, SPECIAL = "inode/symlink", "inode/special"


def set_aside(path: str, data: bytes, media_type: str, reason: str) -> Found:
    """Bytes in which no document is read."""
    return _found(path, media_type, reason, hashlib.sha256(data).hexdigest(), len(data))


def set_aside_stream(path: str, file: io.RawIOBase | IO[bytes], media_type: str, reason: str) -> Found:
    """The same of bytes that are not held in memory."""
    hasher, num_bytes = hashlib.sha256(), 0
    while data := file.read(CHUNK_BYTES):
        hasher.update(data)
        num_bytes += len(data)
    return _found(path, media_type, reason, hasher.hexdigest(), num_bytes)


def set_aside_unread(entry: Entry, inventory: Inventory, reason: str = "media_type_not_read") -> Found:
    """A file in which no document is read, hashed as a stream, whatever its size; or what stands in a file's place."""
    if entry.reason is not None:
        kind = LINK if entry.target else SPECIAL if entry.reason == "not_a_file" else UNKNOWN
        return set_aside(entry.path, entry.target, kind, entry.reason)
    try:
        with open_entry(entry) as file:
            sha256, num_bytes = Hashed(entry, file, inventory).finish()
    except NotRead as error:
        return set_aside(entry.path, b"", UNKNOWN, error.reason)
    return _found(entry.path, UNKNOWN, reason, sha256, num_bytes)


def _found(path: str, media_type: str, reason: str, sha256: str, num_bytes: int) -> Found:
    return Found(path=path, media_type=media_type, text=None, raw_sha256=sha256, num_raw_bytes=num_bytes, reason=reason)
