"""Bytes that stand for others: in base64, or compressed."""

import base64
import binascii
import bz2
import lzma
import zlib

MAX_UNPACKED_BYTES = 2**20
PACKED_BEGINNINGS = (b"\x78", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x5d\x00\x00")
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


def in_base64(text: bytes) -> bytes:
    """What a text is in base64; nothing if it is none."""
    plain = b"".join(text.split()).rstrip(b"=")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return b""


def unfolded(data: bytes) -> list[bytes]:
    """What some bytes are in base64, and what is packed in them, as far as a bound: as many as are any."""
    found = [in_base64(data)] if len(data) <= MAX_UNPACKED_BYTES else []
    for unpack, errors in (
        (zlib.decompressobj(GZIP_OR_ZLIB).decompress, zlib.error),
        (bz2.BZ2Decompressor().decompress, OSError),
        (lzma.LZMADecompressor().decompress, lzma.LZMAError),
    ):
        if data.startswith(PACKED_BEGINNINGS):
            try:
                found.append(unpack(data, MAX_UNPACKED_BYTES))
            except errors:
                continue
    return [each for each in found if each]
