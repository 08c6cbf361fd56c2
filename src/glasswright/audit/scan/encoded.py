"""Bytes that stand for others: in base64, or compressed."""

import base64
import binascii
import bz2
import lzma
import re
import zlib

MAX_UNPACKED_BYTES = 2**20
PACKED_BEGINNINGS = (b"\x78", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x5d\x00\x00")
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
MAX_SHOWN = 24
# How a pickle begins in base64: the mark of protocol 1 to 5; or, of protocol 0, a letter and a name of a module.
PICKLED = re.compile(rb"gA[E-X][\w+/-]{13,}|Y[\w+/-]{15,}")
OPCODES = re.compile(rb"\x80[\x01-\x05][\x95(\]}cX\x8c\x8a-\x8dK-NJGT-V)]|c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n")


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


def pickle_in(text: bytes) -> str | None:
    """How a pickle in base64 begins that stands in a text; None where there is none."""
    for found in PICKLED.finditer(text):
        is_within = text[max(0, found.start() - 1) : found.start()].isalnum()  # in another word
        head = found[0][:64].translate(bytes.maketrans(b"-_", b"+/"))
        if not is_within and OPCODES.match(base64.b64decode(head[: len(head) // 4 * 4])):
            return found[0][:MAX_SHOWN].decode()
    return None
