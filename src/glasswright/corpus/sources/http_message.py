"""An HTTP response as a crawler kept it: its payload, with the codings it travelled under undone."""

import http.client
import io
import re
import socket
import zlib
from dataclasses import dataclass
from typing import cast

from glasswright.corpus.sources.limits import MAX_DOCUMENT_BYTES

MAX_PAYLOAD_BYTES = MAX_DOCUMENT_BYTES
MAX_TYPE_CHARS = 1000
MAX_SIZE_LINE = 4096  # bytes of the line before a chunk, with what it says beside the size
CHARSET = re.compile(r";\s{0,9}charset\s{0,9}=\s{0,9}\"?([^\s\";]{1,100})", re.IGNORECASE)
CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]+)[ \t]*(?:;|\r?\Z)")
_WINDOW = {"": None, "identity": None, "gzip": 31, "x-gzip": 31, "deflate": 47}  # zlib's `wbits`


class NotReadable(ValueError):
    """The message cannot be read to its end. `args[0]` is the reason code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered."""

    status: int
    media_type: str
    charset: str | None  # as the header states it
    payload: bytes


def parse_response(block: bytes) -> Response:
    """Read a message, with chunks joined and compression undone.

    Raises:  NotReadable if it is no HTTP/1 response, stops early, or unpacks to more than `MAX_PAYLOAD_BYTES`.
    """
    response = http.client.HTTPResponse(cast(socket.socket, _Socket(block)))
    try:
        response.begin()
    except (http.client.HTTPException, ValueError) as error:
        raise NotReadable("payload_not_readable") from error
    stated = (response.headers.get("Content-Type") or "")[:MAX_TYPE_CHARS]
    media_type = stated.split(";")[0].strip().lower()
    charset = CHARSET.search(stated)
    coding = (response.headers.get("Content-Encoding") or "").strip().lower()
    return Response(
        status=response.status,
        media_type=media_type if media_type.count("/") == 1 else "text/plain",
        charset=charset.group(1).lower() if charset else None,
        payload=_unpacked(_body(response), coding),
    )


def _body(response: http.client.HTTPResponse) -> bytes:
    """What follows the header, as far as the header says. A length that is no number is none."""
    body = response.fp.read()
    if response.chunked:
        return _joined(body)
    length: int | None = response.length
    if length is not None and len(body) < length:
        raise NotReadable("payload_not_readable")
    return body[:length]


def _joined(body: bytes) -> bytes:
    """The chunks of a body: a line with the size in hexadecimal, the chunk, a line end; the last has no bytes.

    Source:  RFC 9112, section 7.1.
    """
    joined, place = bytearray(), 0
    while True:
        end = body.find(b"\n", place, place + MAX_SIZE_LINE)
        size = CHUNK_SIZE.match(body, place, end) if end >= 0 else None
        if size is None:
            raise NotReadable("payload_not_readable")
        start = end + 1
        place = start + int(size.group(1), 16)
        if place == start:
            return bytes(joined)
        line_end = b"\r\n" if body[end - 1 : end] == b"\r" else b"\n"
        if body[place : place + len(line_end)] != line_end:
            raise NotReadable("payload_not_readable")
        joined += body[start:place]
        place += len(line_end)


def _unpacked(packed: bytes, coding: str) -> bytes:
    if coding not in _WINDOW:
        raise NotReadable("content_encoding_not_read")
    window = _WINDOW[coding]
    if window is None:
        return packed
    decoder = zlib.decompressobj(window)
    try:
        payload = decoder.decompress(packed, MAX_PAYLOAD_BYTES)
    except zlib.error as error:
        raise NotReadable("payload_not_readable") from error
    if decoder.unconsumed_tail:
        raise NotReadable("payload_too_large")
    if not decoder.eof:
        raise NotReadable("payload_not_readable")
    return payload


class _Socket:
    """The one thing `http.client` asks of a connection."""

    def __init__(self, block: bytes):
        self._block = block

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._block)
