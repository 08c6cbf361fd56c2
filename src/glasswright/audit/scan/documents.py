"""PDF: whether a document runs something in the program that shows it. The words of it are not read.

Names stand in the open, or in streams of objects, which are packed. A name may be written with the numbers of its
letters: `/J#61vaScript`.
"""

import re
import zlib

from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import unknown
from glasswright.records.verdict import Finding

MAX_DOCUMENT_BYTES = 2**26
MAX_STREAMS, MAX_STREAM_BYTES = 2_000, 2**20  # of objects; of one, unpacked
# Four bytes and more: shorter ones stand in packed pictures by chance.
RUNS = re.compile(rb"/(?:JavaScript|Launch|RichMedia|XFA)(?![\w.-])")
OBJECTS = re.compile(rb"/ObjStm\b[^\0]{0,400}?stream\r?\n")
ENCRYPTED = re.compile(rb"/Encrypt(?![\w.-])")
BY_NUMBER = re.compile(rb"#([0-9A-Fa-f]{2})")


def scan_document(item: Item) -> Finding | None:
    """The finding of a PDF that may run something; None of one that does not."""
    claim = f"{item.shown}: opening it runs nothing"
    if item.size_bytes > MAX_DOCUMENT_BYTES:
        return unknown(claim, f"{item.size_bytes:,} bytes, where at most {MAX_DOCUMENT_BYTES:,} are looked at")
    data = item.beginning(MAX_DOCUMENT_BYTES)
    if ENCRYPTED.search(data):
        return unknown(claim, "it is encrypted, and was not read")
    plain = _plain(data)
    streams = list(OBJECTS.finditer(data))
    if len(streams) > MAX_STREAMS or plain.count(b"/ObjStm") > len(streams):
        return unknown(claim, f"its {len(streams):,} streams of objects, or more, were not all read")
    try:
        for part in (plain, *(_plain(_unpacked(data, stream.end())) for stream in streams)):
            if found := RUNS.search(part):
                return unknown(claim, f"it asks its reader to run something: {found[0].decode()}")
    except zlib.error:
        return unknown(claim, "a stream of objects is not packed as most are, or is long, and was not read")
    return None


def _plain(part: bytes) -> bytes:
    """A part with the letters of its names."""
    return BY_NUMBER.sub(lambda letter: bytes([int(letter[1], 16)]), part)


def _unpacked(data: bytes, start: int) -> bytes:
    """A stream of objects.

    Raises:  zlib.error where it is packed in another way, ends early, or is longer than the bound.
    """
    reader = zlib.decompressobj()
    unpacked = reader.decompress(data[start : start + MAX_STREAM_BYTES], MAX_STREAM_BYTES)
    if not reader.eof:
        raise zlib.error("not all of it")
    return unpacked
