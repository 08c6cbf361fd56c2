"""Web archives: the pages in a crawl's response records.

    crawl.warc.gz/3/https://example.org/a      the third record, and the address it was fetched from

Requests, metadata and the archive's own notes are about the exchange and hold no document. A record of another type
that holds one (resource, conversion, revisit) is set aside with the reason, as is every response that is no page.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from glasswright.corpus.evidence.statements import statements
from glasswright.corpus.found import Found, Inventory, Opened
from glasswright.corpus.sources import page
from glasswright.corpus.sources.aside import set_aside
from glasswright.corpus.sources.charset import decode_plain
from glasswright.corpus.sources.containers import open_containers
from glasswright.corpus.sources.files import Entry, open_entry
from glasswright.corpus.sources.http_message import MAX_PAYLOAD_BYTES, NotReadable, parse_response
from glasswright.corpus.sources.limits import Growth
from glasswright.corpus.sources.streams import DAMAGED, FETCH_AGAIN, Hashed, unpack
from glasswright.errors import Misuse

ABOUT_THE_EXCHANGE = (WarcRecordType.warcinfo, WarcRecordType.request, WarcRecordType.metadata)
GZIP, LZ4 = b"\x1f\x8b", b"\x04\x22\x4d\x18"  # how such files begin
LENGTH = re.compile("[0-9]{1,18}")
MEDIA_TYPE = "application/warc"


def open_warc(root: Path, *, uri: str, include: tuple[str, ...]) -> Opened:
    """The pages in one web archive, or in every one below a folder."""
    return open_containers(root, "warc", uri=uri, include=include, documents=_documents)


def _documents(entry: Entry, inventory: Inventory) -> Iterator[Found]:
    _require_whole(entry)
    with open_entry(entry) as file:
        hashed = Hashed(entry, file, inventory)
        yield from _records(entry, hashed)
        hashed.finish()


def _require_whole(entry: Entry) -> None:
    """Read a packed file to its end: the parser of records takes one that was cut for a short one, and one of any
    size for what it should be. It tells by the first bytes what is packed, whatever the name says, and so is told here.
    """
    with open_entry(entry) as file:
        begin = file.read(len(LZ4))
        file.seek(0)
        if begin == LZ4:
            raise Misuse(f"{entry.place}: is packed with LZ4", hint="expected one as it is, or packed with gzip")
        if not (begin.startswith(GZIP) or entry.path.lower().endswith(".gz")):
            return
        try:
            whole = unpack(".gz", file, Growth(entry.place, entry.num_bytes))
            while whole.read(2**20):
                pass
        except DAMAGED as error:
            raise Misuse(f"{entry.place}: damaged: {error}", hint=FETCH_AGAIN) from error


def _records(entry: Entry, hashed: Hashed) -> Iterator[Found]:
    """The records' documents; the file is hashed as they come."""
    number = 0
    try:
        with open_entry(entry) as file:
            for record in ArchiveIterator(file, parse_http=False, fsspec_args=False):
                number += 1
                block = _block(entry, number, record)
                if record.record_type not in ABOUT_THE_EXCHANGE:
                    path = f"{entry.path}/{number}/{record.headers.get('WARC-Target-URI') or ''}"
                    yield from _record(path, record, block)
                hashed.reach(file.tell())
    except OSError as error:
        raise Misuse(f"{entry.place}: damaged after record {number}: {error}", hint=FETCH_AGAIN) from error
    if not number:
        raise Misuse(f"{entry.place}: holds no record", hint="expected a web archive (WARC 1.0 or 1.1)")


def _block(entry: Entry, number: int, record: WarcRecord) -> bytes:
    """A record's content, or the beginning of one that is too long to be a page."""
    block: bytes = record.reader.read(MAX_PAYLOAD_BYTES + 1)
    stated = record.headers.get("Content-Length") or ""
    if not LENGTH.fullmatch(stated) or (len(block) < int(stated) and len(block) <= MAX_PAYLOAD_BYTES):
        raise Misuse(f"{entry.place}: record {number} is cut short", hint=FETCH_AGAIN)
    if len(block) <= MAX_PAYLOAD_BYTES and not _matches(block, record.headers.get("WARC-Block-Digest")):
        raise Misuse(f"{entry.place}: record {number} does not have the digest that it states", hint=FETCH_AGAIN)
    return block


def _matches(block: bytes, stated: str | None) -> bool:
    """Whether a digest such as `sha1:` and base 32 is that of the bytes; one of an unknown kind says nothing."""
    algorithm, _, value = (stated or "").partition(":")
    if algorithm.lower() not in ("sha1", "sha256", "sha512", "md5"):
        return True
    found = hashlib.new(algorithm.lower(), block, usedforsecurity=False).digest()
    return value.lower().rstrip("=") in (found.hex(), base64.b32encode(found).decode().lower().rstrip("="))


def _record(path: str, record: WarcRecord, block: bytes) -> Iterator[Found]:
    if reason := _unread(record, block):
        yield set_aside(path, block, MEDIA_TYPE, reason)
        return
    try:
        response = parse_response(block)
    except NotReadable as error:
        yield set_aside(path, block, MEDIA_TYPE, str(error))
        return
    if response.status != 200:
        yield set_aside(path, response.payload, response.media_type, "http_status_not_ok")
    elif response.media_type in page.MEDIA_TYPES:
        yield from page.pages(path, response.payload, response.media_type, response.charset)
    elif response.media_type == "text/plain":
        yield _text(path, response.payload, response.charset)
    else:
        yield set_aside(path, response.payload, response.media_type, "media_type_not_read")


def _unread(record: WarcRecord, block: bytes) -> str | None:
    if record.record_type != WarcRecordType.response:
        return "record_type_not_read"
    if record.headers.get("WARC-Truncated"):
        return "record_truncated"
    return "payload_too_large" if len(block) > MAX_PAYLOAD_BYTES else None


def _text(path: str, payload: bytes, charset: str | None) -> Found:
    decoded = decode_plain(payload, charset)
    return Found(
        path=path,
        media_type="text/plain",
        text=decoded.text.strip(),
        raw_sha256=hashlib.sha256(payload).hexdigest(),
        num_raw_bytes=len(payload),
        num_replaced=decoded.num_replaced,
        statements=tuple(statements(decoded.text)),
    )
