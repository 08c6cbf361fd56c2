"""A Hugging Face hub with one dataset or model, as its client finds it: what it answers, and what it was asked."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote, urlsplit

DATASET, REVISION = "org/essays", "0123456789abcdef0123456789abcdef01234567"
STORE = "/store/"
LARGE = (".parquet", ".gz", ".zst", ".safetensors")  # what is kept in large file storage
PAGE = 2  # files the listing shows at a time


class Hub:
    """The dataset or model, and the ways in which it can fail."""

    def __init__(self, files: dict[str, bytes], kind: str = "datasets"):
        self.files = files
        self.api = f"/api/{kind}/{DATASET}"
        self.place = f"{'/datasets' if kind == 'datasets' else ''}/{DATASET}/resolve/{REVISION}/"
        self.served: dict[str, bytes] = {}  # other bytes than those listed
        self.refuse: tuple[int, str] | None = None  # status and error code of the whole dataset
        self.refuse_files: tuple[int, str] | None = None  # ... of its files alone, as a gated one does
        self.requests: list[tuple[str, str]] = []
        self.agents: set[str] = set()
        self.tokens: dict[str, str | None] = {}  # by path, as they were shown
        self.endpoint = ""

    def fetched(self) -> list[str]:
        """The files that were handed out, by path."""
        gets = [path for verb, path in self.requests if verb == "GET"]
        return sorted(
            path.removeprefix(place) for place in (self.place, STORE) for path in gets if path.startswith(place)
        )


@contextmanager
def serving(files: dict[str, bytes], kind: str = "datasets") -> Iterator[Hub]:
    hub = Hub(files, kind)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def log_message(self, *_: object) -> None:
            """Nothing: the test says what went wrong."""

        def _answer(self, *, with_body: bool) -> None:
            url = urlsplit(self.path)
            path = unquote(url.path)
            hub.requests.append((self.command, path))
            hub.agents.add(self.headers["User-Agent"])
            hub.tokens[path] = self.headers["Authorization"]
            status, headers, body = _response(hub, path, url.query)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                self.wfile.write(body)

    return Handler


Response = tuple[int, dict[str, str], bytes]


def _response(hub: Hub, path: str, query: str) -> Response:
    if hub.refuse is not None:
        return _refused(*hub.refuse)
    if path in (hub.api, f"{hub.api}/revision/{REVISION}"):
        return _json({"id": DATASET, "sha": REVISION, "siblings": [{"rfilename": name} for name in hub.files]})
    if path == f"{hub.api}/tree/{REVISION}":
        start = int(dict(part.split("=") for part in query.split("&") if part).get("cursor", 0))
        seen = [
            (name, data) for name, data in hub.files.items() if "recursive=true" in query.lower() or "/" not in name
        ]
        page = [_listed(name, data) for name, data in seen[start : start + PAGE]]
        more = f"{hub.endpoint}{path}?{query.partition('&cursor')[0]}&cursor={start + PAGE}"
        return _json(page, {"Link": f'<{more}>; rel="next"'} if start + PAGE < len(seen) else {})
    if path.startswith(hub.api):
        return _refused(404, "RevisionNotFound")
    if path.startswith(STORE):
        return 200, {}, hub.served.get(path.removeprefix(STORE), hub.files[path.removeprefix(STORE)])
    name = path.removeprefix(hub.place)
    if name not in hub.files:
        return _refused(404, "RepoNotFound" if name == path else "EntryNotFound")
    return _refused(*hub.refuse_files) if hub.refuse_files is not None else _file(hub, name)


def _file(hub: Hub, name: str) -> Response:
    """A file; a large one lies on another host, to which the client is sent."""
    data = hub.files[name]
    commit = {"X-Repo-Commit": REVISION}
    if not name.endswith(LARGE):
        return 200, {"ETag": f'"{_blob(data)}"', **commit}, hub.served.get(name, data)
    elsewhere = hub.endpoint.replace("127.0.0.1", "localhost") + STORE + quote(name)
    linked = {"X-Linked-Size": str(len(data)), "X-Linked-Etag": f'"{_sha256(data)}"'}
    return 302, {"Location": elsewhere, **linked, **commit}, b""


def _listed(name: str, data: bytes) -> dict[str, object]:
    """A file as the endpoint `tree` lists it."""
    if not name.endswith(LARGE):
        return {"type": "file", "oid": _blob(data), "size": len(data), "path": name}
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{_sha256(data)}\nsize {len(data)}\n".encode()
    lfs = {"oid": _sha256(data), "size": len(data), "pointerSize": len(pointer)}
    return {"type": "file", "oid": _blob(pointer), "size": len(data), "path": name, "lfs": lfs}


def _blob(data: bytes) -> str:
    return hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _json(value: object, headers: dict[str, str] | None = None) -> Response:
    return 200, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode()


def _refused(status: int, code: str) -> Response:
    return status, {"X-Error-Code": code, "X-Error-Message": "refused"} if code else {}, b"{}"
