"""One page of the public web, read once and within bounds: https only, no private address, no credentials.

What an address leads to is a stranger's choice, and so is every redirect on the way. Each host name is resolved here,
held to be public, and the connection is made to the very address that was looked at, so that a name cannot mean one
machine when it is judged and another when it is read (server-side request forgery, DNS rebinding).
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from glasswright import __version__

MAX_REQUESTS = 60
MAX_SECONDS = 180.0  # all requests together
MAX_BYTES_ALL = 96_000_000
MAX_BYTES = 24_000_000  # one page
SECONDS = 20.0  # one page, from the first packet to the last byte
MAX_REDIRECTS = 5
CHUNK_BYTES = 65_536
HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address, of any kind, within
UNWRITABLE = re.compile(r"[\x00-\x20\x7f]")
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAID = {
    401: "it asks for a login: private, gated, or not there",
    403: "it asks for a permission: gated or private",
    404: "there is no such page",
    410: "the page was taken down",
    429: "the host refuses more requests for now (rate limit)",
}
NOT_THERE = frozenset({401, 403, 404, 410})

Connect = Callable[[str, float], http.client.HTTPConnection]


class Unreached(Exception):
    """A page that could not be read, and why.

    is_gone:  the host itself says that it hands out nothing there; else another try may succeed
    """

    def __init__(self, why: str, *, is_gone: bool = False):
        super().__init__(why)
        self.why, self.is_gone = why, is_gone


@dataclass(frozen=True, slots=True)
class Page:
    """What an address led to."""

    address: str  # the last one, after redirects
    content_type: str  # "text/html", without parameters; "" where the host does not say
    data: bytes


class Web:
    """The public web, with one budget of requests, bytes and seconds for an audit."""

    def __init__(self, connect: Connect | None = None, *, seconds: float = SECONDS, all_seconds: float = MAX_SECONDS):
        self._connect, self._seconds = connect or connect_public, seconds
        self._ends_at = time.monotonic() + all_seconds
        self._requests, self._bytes = MAX_REQUESTS, MAX_BYTES_ALL

    def read(self, address: str, *, max_bytes: int = MAX_BYTES) -> Page:
        """The page behind an address.

        Raises:  Unreached with the reason.
        """
        for _ in range(MAX_REDIRECTS + 1):
            host, target = _taken_apart(address)
            answer = self._ask(host, target, max_bytes)
            if isinstance(answer, str):
                address = urljoin(address, answer)
                continue
            return Page(address, *answer)
        raise Unreached(f"it leads on more than {MAX_REDIRECTS} times")

    def _ask(self, host: str, target: str, max_bytes: int) -> tuple[str, bytes] | str:
        """Content type and bytes; or the address to which the host sends on."""
        seconds = min(self._seconds, self._ends_at - time.monotonic())
        if self._requests <= 0 or self._bytes <= 0 or seconds <= 0:
            raise Unreached("the audit has read as much as it may")
        self._requests -= 1
        late = threading.Event()
        try:
            return self._within(seconds, late, host, target, max_bytes)
        except (Unreached, OSError, http.client.HTTPException, ValueError) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise Unreached(f"it did not answer within {seconds:.0f} s") from error
            if isinstance(error, Unreached):
                raise
            raise Unreached(f"no connection: {type(error).__name__}") from error

    def _within(
        self, seconds: float, late: threading.Event, host: str, target: str, max_bytes: int
    ) -> tuple[str, bytes] | str:
        """The answer, if it is whole before its time is over: a timeout of a socket begins anew with each byte."""
        with closing(self._connect(host, seconds)) as connection:
            if connection.sock is None:
                connection.connect()
            timer = threading.Timer(seconds, _end, (connection.sock, late))
            timer.daemon = True
            timer.start()
            try:
                return self._answer(connection, host, target, max_bytes)
            finally:
                timer.cancel()

    def _answer(
        self, connection: http.client.HTTPConnection, host: str, target: str, max_bytes: int
    ) -> tuple[str, bytes] | str:
        headers = {"Host": host, "User-Agent": f"glasswright/{__version__}", "Accept-Encoding": "identity"}
        connection.request("GET", target, headers=headers)
        with closing(connection.getresponse()) as response:
            return self._judged(response, max_bytes)

    def _judged(self, response: http.client.HTTPResponse, max_bytes: int) -> tuple[str, bytes] | str:
        if response.status in REDIRECTS and (place := response.headers.get("Location")):
            return str(place)
        if response.status != 200:
            told = SAID.get(response.status, "the host does not hand it out")
            raise Unreached(f"{told} (HTTP {response.status})", is_gone=response.status in NOT_THERE)
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Unreached("it is sent compressed, which was not asked for")
        return response.headers.get_content_type().lower(), self._body(response, min(max_bytes, self._bytes))

    def _body(self, response: http.client.HTTPResponse, max_bytes: int) -> bytes:
        pieces, size = [], 0
        while piece := response.read1(CHUNK_BYTES):
            pieces.append(piece)
            size += len(piece)
            self._bytes -= len(piece)
            if size > max_bytes:
                raise Unreached(f"it is larger than {max_bytes} bytes")
        if response.length:
            raise Unreached("the connection ended before the page did")
        return b"".join(pieces)


def connect_public(host: str, seconds: float) -> http.client.HTTPConnection:
    """A connection with TLS to a host of the public internet.

    Raises:  Unreached if the name leads to any address that is not public; OSError if it leads nowhere.
    """
    found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    places = [str(entry[4][0]) for entry in found]
    if not places or not all(map(is_public, places)):
        raise Unreached("its host is not on the public internet")
    connection = http.client.HTTPSConnection(host, timeout=seconds)
    plain = socket.create_connection((places[0], 443), timeout=seconds)
    connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    return connection


def is_public(place: str) -> bool:
    """Whether a numeric address is one of the public internet, in whatever form it is written."""
    address = ipaddress.ip_address(place.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if address.sixtofour or address.teredo or address in NAT64:
            return False
    return address.is_global and not address.is_multicast


def _taken_apart(address: str) -> tuple[str, str]:
    """The host, and what is asked of it.

    Raises:  Unreached for an address that is not read.
    """
    if UNWRITABLE.search(address):
        raise Unreached("it is no address")
    try:
        parts = urlsplit(address)
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError as error:
        raise Unreached("it is no address") from error
    if parts.scheme != "https":
        raise Unreached("only https is read")
    if "@" in parts.netloc or port not in (None, 443) or not HOST.fullmatch(host):
        raise Unreached("only a host by its name is asked, without a user or a port")
    safe = "/%:@!$&'()*+,;=~?"
    query = f"?{quote(parts.query, safe=safe)}" if parts.query else ""
    return host, quote(parts.path or "/", safe=safe) + query


def _end(sock: socket.socket, late: threading.Event) -> None:
    """End a connection whose time is over, whatever it waits for."""
    late.set()
    with suppress(OSError):  # it ended by itself
        sock.shutdown(socket.SHUT_RDWR)
