"""An HTTP response as a crawler kept it: its payload, with the codings it travelled under undone."""

import http.client
import io
import socket
import zlib
from dataclasses import dataclass
from typing import cast

MAX_PAYLOAD_BYTES = 64 * 2**20
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
        packed = response.read()
    except (http.client.HTTPException, ValueError) as error:
        raise NotReadable("payload_not_readable") from error
    coding = (response.headers.get("Content-Encoding") or "").strip().lower()
    return Response(
        status=response.status,
        media_type=response.headers.get_content_type(),
        charset=response.headers.get_content_charset(),
        payload=_unpacked(packed, coding),
    )


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
