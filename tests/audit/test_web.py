"""Reading one page of the web: what is refused, what is bounded, and what is said of it."""

import http.client
import socket
from collections.abc import Iterator

import pytest
from tests.audit.hosts import Answer, Hosts, hosts

from glasswright.audit import web
from glasswright.audit.web import Unreached, Web, connect_public, is_public


@pytest.fixture
def served() -> Iterator[Hosts]:
    with hosts() as known:
        yield known


def why(reader: Web, address: str, **more: int) -> str:
    """Why an address could not be read."""
    with pytest.raises(Unreached) as raised:
        reader.read(address, **more)
    return raised.value.why


def test_a_page_is_read_as_it_is(served: Hosts):
    served.pages["example.org/a?b=c"] = Answer(b"x\x00y", kind="Text/HTML; charset=utf-8")
    page = Web(served.connect).read("https://example.org/a?b=c#part")
    assert (page.data, page.content_type) == (b"x\x00y", "text/html")


def test_nothing_of_ours_is_sent_along(served: Hosts, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    served.pages["example.org/"] = Answer(b"x", headers={"Set-Cookie": "a=b"})
    reader = Web(served.connect)
    reader.read("https://example.org/")
    reader.read("https://example.org/")
    assert [set(headers) for headers in served.headers] == [{"Host", "User-Agent", "Accept-Encoding"}] * 2


def test_redirects_are_followed_and_each_is_held_to_the_rules(served: Hosts):
    served.pages["a.example/"] = Answer(status=302, headers={"Location": "//b.example/x"})
    served.pages["b.example/x"] = Answer(status=308, headers={"Location": "y"})
    served.pages["b.example/y"] = Answer(b"there")
    page = Web(served.connect).read("https://a.example/")
    assert (page.data, page.address) == (b"there", "https://b.example/y")


@pytest.mark.parametrize(
    "place",
    [
        "http://b.example/",
        "https://127.0.0.1/",
        "https://b.example:8080/",
        "file:///etc/passwd",
        "https://[::1]/",
    ],
)
def test_a_redirect_to_what_is_not_read_is_not_followed(place: str, served: Hosts):
    served.pages["a.example/"] = Answer(status=302, headers={"Location": place})
    why(Web(served.connect), "https://a.example/")
    assert served.asked == ["a.example/"]


def test_a_circle_of_redirects_ends(served: Hosts):
    served.pages["a.example/"] = Answer(status=302, headers={"Location": "/"})
    assert "more than 5 times" in why(Web(served.connect), "https://a.example/")
    assert len(served.asked) == 6


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://0x7f000001/",
        "https://[::1]/",
        "https://user:word@example.org/",
        "https://example.org@10.0.0.1/",
        "https://example.org:22/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/x y",
        "https://example.org/x\r\nHost: y",
        "https:///x",
        "https://" + "a" * 300 + ".org/",
    ],
)
def test_an_address_that_is_not_to_be_read_asks_nobody(address: str, served: Hosts):
    why(Web(served.connect), address)
    assert served.asked == []


def test_what_stands_in_a_path_is_a_path(served: Hosts):
    why(Web(served.connect), "https://example.org/é/%0d%0a?q=“")
    assert served.asked == ["example.org/%C3%A9/%0d%0a?q=%E2%80%9C"]


@pytest.mark.parametrize(
    ("status", "says", "is_gone"),
    [
        *((404, "no such page", True), (410, "taken down", True), (401, "login", True), (403, "gated", True)),
        *((429, "rate limit", False), (500, "HTTP 500", False), (302, "HTTP 302", False)),
    ],
)
def test_what_the_host_says_is_told(status: int, says: str, is_gone: bool, served: Hosts):
    served.pages["example.org/"] = Answer(status=status)
    with pytest.raises(Unreached, match=says) as raised:
        Web(served.connect).read("https://example.org/")
    assert raised.value.is_gone is is_gone


def test_a_page_that_is_too_large_is_not_read_to_its_end(served: Hosts):
    served.pages["example.org/"] = Answer(b"x" * 5000)
    assert "larger than 1000 bytes" in why(Web(served.connect), "https://example.org/", max_bytes=1000)
    assert len(Web(served.connect).read("https://example.org/", max_bytes=5000).data) == 5000


def test_a_page_that_comes_too_slowly_is_given_up(served: Hosts):
    served.pages["example.org/"] = Answer(b"x" * 1000, slow=0.05)
    assert "did not answer within" in why(Web(served.connect, seconds=0.2), "https://example.org/")


def test_a_page_that_ends_early_is_no_page(served: Hosts):
    served.pages["example.org/"] = Answer(b"x" * 10, claims=20)
    served.pages["example.org/z"] = Answer(b"x", headers={"Content-Encoding": "gzip"})
    assert "ended before" in why(Web(served.connect), "https://example.org/")
    assert "compressed" in why(Web(served.connect), "https://example.org/z")


def test_an_audit_asks_and_reads_so_much_and_no_more(served: Hosts, monkeypatch: pytest.MonkeyPatch):
    served.pages["example.org/"] = Answer(b"x" * 10)
    monkeypatch.setattr(web, "MAX_REQUESTS", 2)
    reader = Web(served.connect)
    reader.read("https://example.org/")
    reader.read("https://example.org/")
    assert "as much as it may" in why(reader, "https://example.org/")
    monkeypatch.setattr(web, "MAX_BYTES_ALL", 15)
    reader = Web(served.connect)
    reader.read("https://example.org/")
    assert "larger than 5 bytes" in why(reader, "https://example.org/")
    assert "as much as it may" in why(Web(served.connect, all_seconds=0), "https://example.org/")


def test_a_host_that_is_not_there_is_no_connection():
    def refuse(*_: object) -> http.client.HTTPConnection:
        raise ConnectionRefusedError

    assert "no connection" in why(Web(refuse), "https://example.org/")


@pytest.mark.parametrize(
    "place",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1"),
        *(
            "fe80::1%eth0",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:1::1",
            "ff02::1",
            "255.255.255.255",
        ),
    ],
)
def test_a_private_address_is_not_public_however_it_is_written(place: str):
    assert not is_public(place)


@pytest.mark.parametrize("place", ["140.82.121.4", "2606:50c0:8000::153", "::ffff:140.82.121.4"])
def test_a_public_address_is_public(place: str):
    assert is_public(place)


def test_a_name_with_one_private_address_is_not_connected_to(monkeypatch: pytest.MonkeyPatch):
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(*entry, ("140.82.121.4", 443)), (*entry, ("10.0.0.1", 443))]
    )
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(Unreached, match="public internet"):
        connect_public("example.org", 1.0)


def test_the_address_that_was_judged_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch):
    asked = []
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("140.82.121.4", 443))

    def connected(place: tuple[str, int], **_: object) -> socket.socket:
        asked.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    monkeypatch.setattr(socket, "create_connection", connected)
    with pytest.raises(ConnectionRefusedError):
        connect_public("example.org", 1.0)
    assert asked == [("140.82.121.4", 443)]
