"""Hubs and forges on this machine: one server that answers for every host, as they do."""

import http.client
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What a host says to one request."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/plain"
    headers: dict[str, str] = field(default_factory=dict)
    slow: float = 0.0  # seconds between bytes
    claims: int | None = None  # the length that it states, where that is not the length


@dataclass
class Hosts:
    """The pages of the server, and the requests that it had: "host/path" -> answer."""

    port: int
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def connect(self, host: str, seconds: float) -> http.client.HTTPConnection:  # noqa: ARG002
        """A connection to this server, whatever host is meant."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)


@contextmanager
def hosts() -> Iterator[Hosts]:
    """The server, while it runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    known = Hosts(server.server_address[1])
    server.RequestHandlerClass = _handler(known)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()


def _handler(known: Hosts) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = f"{self.headers['Host']}{self.path}"
            known.asked.append(place)
            known.headers.append(dict(self.headers))
            answer = known.pages.get(place, Answer(status=404))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body) if answer.claims is None else answer.claims))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self._body(answer)
            except OSError:
                return

        def _body(self, answer: Answer) -> None:
            if not answer.slow:
                self.wfile.write(answer.body)
                return
            for byte in answer.body:
                self.wfile.write(bytes([byte]))
                time.sleep(answer.slow)

        def log_message(self, *_: object) -> None:
            return

    return Handler


def pdf(*lines: str) -> bytes:
    """A PDF of one page with some lines of text."""
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    content = zlib.compress(f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET".encode())
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >> stream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return data + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
