"""Pages in a web archive, and archives that are damaged or hold something else."""

import base64
import gzip
import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from glasswright.corpus.found import Inventory
from glasswright.corpus.sources.http_message import NotReadable, parse_response
from glasswright.corpus.sources.warc import open_warc
from glasswright.errors import Misuse


def http(payload: bytes, kind: str = "text/html", *, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(payload)}\r\n\r\n"
    return head.encode() + payload


def record(block: bytes, *, kind: str = "response", uri: str = "https://a.example/p", more: str = "") -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:a9a6c6a4-0000-4000-8000-000000000000>\r\n"
        f"WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Target-URI: {uri}\r\n{more}Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


GOOD = record(http(b"<title>T</title><p>A page to be kept.</p>"))


def archive(*records: bytes) -> bytes:
    return b"".join(gzip.compress(each) for each in records)


def test_pages_and_texts_of_responses_are_documents_under_their_address(collected):
    files = {"c.warc.gz": archive(GOOD, record(http(b"Plain words.", "text/plain"), uri="https://a.example/t"))}
    corpus = collected(files, kind="warc", license="MIT")
    assert corpus.text("c.warc.gz/1/https://a.example/p") == "A page to be kept."
    assert corpus.text("c.warc.gz/2/https://a.example/t") == "Plain words."
    assert corpus.by_path["c.warc.gz/1/https://a.example/p"].title == "T"


def test_a_page_states_its_license_itself(collected):
    page = b'<p>Words.</p><a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY</a>'
    corpus = collected({"c.warc": record(http(page))}, kind="warc", path="in/c.warc")
    assert corpus.by_path["c.warc/1/https://a.example/p"].license == "CC-BY-4.0"


@pytest.mark.parametrize("kind", ["text/html; charset=iso-8859-1", 'text/plain; charset="latin1"'])
def test_the_charset_of_the_header_holds(collected, kind: str):
    corpus = collected({"c.warc": record(http("naïve été".encode("latin-1"), kind))}, kind="warc", license="MIT")
    assert list(corpus.texts.values()) == ["naïve été"]


def test_characters_that_the_charset_lacks_are_counted(collected):
    lost = record(http(b"a\x81b" * 9, "text/plain; charset=ascii"))
    corpus = collected({"c.warc": GOOD + lost}, kind="warc", license="MIT")
    assert corpus.reason("c.warc/2/https://a.example/p") == "too_many_replacements"


@pytest.mark.parametrize(
    ("payload", "more"),
    [
        (gzip.compress(b"<p>packed</p>", mtime=0), "Content-Encoding: gzip\r\n"),
        (b"6\r\n<p>pac\r\n7\r\nked</p>\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n"),
    ],
)
def test_what_a_payload_travelled_under_is_undone(collected, payload: bytes, more: str):
    corpus = collected({"c.warc": record(http(payload, more=more))}, kind="warc", license="MIT")
    assert list(corpus.texts.values()) == ["packed"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record(http(b"<p>gone</p>", status="404 Not Found")), "http_status_not_ok"),
        (record(http(b"\x89PNG", "image/png")), "media_type_not_read"),
        (record(b"no HTTP at all"), "payload_not_readable"),
        (record(http(b"not gzip", more="Content-Encoding: gzip\r\n")), "payload_not_readable"),
        (record(http(gzip.compress(b"x" * 99)[:-4], more="Content-Encoding: gzip\r\n")), "payload_not_readable"),
        (record(http(gzip.compress(bytes(65 * 2**20)), more="Content-Encoding: gzip\r\n")), "payload_too_large"),
        (record(http(b"?", more="Content-Encoding: br\r\n")), "content_encoding_not_read"),
        (record(http(b"", "text/html", status="200 " + "K" * 70_000)), "payload_not_readable"),
        (record(http(b"", more="X: y\r\n" * 200)), "payload_not_readable"),
        (record(http(b"<p>half</p>"), more="WARC-Truncated: length\r\n"), "record_truncated"),
        (record(b"text of a page", kind="conversion"), "record_type_not_read"),
    ],
)
def test_what_is_no_page_is_set_aside_and_counted(collected, bad: bytes, reason: str):
    corpus = collected({"c.warc.gz": archive(GOOD, bad, record(b"x: y", kind="metadata"))}, kind="warc", license="MIT")
    assert Counter(row.reason for row in corpus.rows) == {"kept": 1, reason: 1}


CHUNKED = "Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"FFFFFFFFFFFFFFFF\r\n<p>x</p>\r\n0\r\n\r\n",
        b"7FFFFFFFFFFFFFFF\r\n<p>x</p>\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFFFFFF\r\n<p>x</p>\r\n0\r\n\r\n",
        b"F" * 100_000 + b"\r\n<p>x</p>\r\n0\r\n\r\n",
        b"-8\r\n<p>x</p>\r\n0\r\n\r\n",
        b"+8\r\n<p>x</p>\r\n0\r\n\r\n",
        b"0x8\r\n<p>x</p>\r\n0\r\n\r\n",
        b"1_0\r\n<p>x</p>\r\n0\r\n\r\n",
        b"\r\n<p>x</p>\r\n0\r\n\r\n",
        b"g\r\n<p>x</p>\r\n0\r\n\r\n",
        b"8 8\r\n<p>x</p>\r\n0\r\n\r\n",
        b"8;" + b"e" * 100_000 + b"\r\n<p>x</p>\r\n0\r\n\r\n",
        b"9\r\n<p>x</p>\r\n0\r\n\r\n",  # goes over the end of its chunk
        b"7\r\n<p>x</p>\r\n0\r\n\r\n",
        b"8\r\n<p>x</p>XX0\r\n\r\n",  # no line end after it
        b"8\r\n<p>x</p>\r\n",  # cut: no last chunk
        b"8\r\n<p>x",
        b"8",
        b"",
    ],
)
def test_a_chunk_that_is_none_is_set_aside(collected, body: bytes):
    files = {"c.warc": GOOD + record(http(body, more=CHUNKED)) + GOOD}
    corpus = collected(files, kind="warc", license="MIT")
    assert corpus.reason("c.warc/2/https://a.example/p") == "payload_not_readable"
    assert Counter(row.reason for row in corpus.rows)["kept"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"8\r\n<p>x</p>\r\n0\r\n\r\n",
        b"008 ; name=value\r\n<p>x</p>\r\n0;last\r\nTrailer: 1\r\n\r\n",
        b"4\n<p>x\n4\n</p>\n0\n",
        b"1\r\n" + b"\r\n1\r\n".join(bytes([byte]) for byte in b"<p>x</p>") + b"\r\n0",
    ],
)
def test_chunks_are_joined_as_servers_write_them(body: bytes):
    block = http(body, more=CHUNKED).replace(b"Content-Length", b"X-Length")
    if body.endswith(b"\r\n0"):
        body += b"\r\n"
        block = http(body, more=CHUNKED)
    assert parse_response(block).payload == b"<p>x</p>"


@pytest.mark.parametrize("length", ["-1", "x", "9" * 5000, "", "1e3"])
def test_a_length_of_a_payload_that_is_none_is_no_length(length: str):
    block = http(b"<p>x</p>").replace(b"Content-Length: 8", f"Content-Length: {length}".encode())
    assert parse_response(block).payload == b"<p>x</p>"


def test_a_payload_longer_than_it_says_is_cut_and_a_shorter_one_is_not_read():
    longer = http(b"<p>x</p>").replace(b"Content-Length: 8", b"Content-Length: 4")
    assert parse_response(longer).payload == b"<p>x"
    shorter = http(b"<p>x</p>").replace(b"Content-Length: 8", b"Content-Length: 9999999999999999999")
    with pytest.raises(NotReadable, match="payload_not_readable"):
        parse_response(shorter)


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("text/html; charset=utf-8", ("text/html", "utf-8")),
        ("Text/HTML ;a=b; Charset = Latin1; c=d", ("text/html", "latin1")),
        ('text/plain;charset="utf-8"', ("text/plain", "utf-8")),
        ("nonsense", ("text/plain", None)),
        ("text/html; charset*=%00'x'y", ("text/html", None)),
        ("text/html" + ';"' * 30_000, ("text/html", None)),
    ],
)
def test_a_type_is_read_from_its_begin(stated: str, read: tuple[str, str | None]):
    response = parse_response(http(b"x", stated))
    assert (response.media_type, response.charset) == read


@pytest.mark.parametrize(
    "length", [b"-5", b"0x10", b"F" * 16, b"9" * 30, b"9" * 5000, b"5_0", b"+9", b"", b"\xb2", b"1, 1"]
)
def test_a_length_of_a_record_that_is_none_is_an_error_that_names_the_record(collected, length: bytes):
    head, block = record(http(b"x")).split(b"\r\n\r\n", 1)
    bad = head[: head.rindex(b" ") + 1] + length + b"\r\n\r\n" + block
    with pytest.raises(Misuse, match=r"c.warc: record 2 is cut short"):
        collected({"c.warc": GOOD + bad + GOOD}, kind="warc", license="MIT")


@pytest.mark.parametrize("header", [b"X: " + b"a" * 2**22, b"X: y\r\n" * 2**18])
def test_a_header_without_end_is_an_error_that_names_the_record(collected, header: bytes):
    with pytest.raises(Misuse, match=r"c.warc: damaged after record 1"):
        collected({"c.warc": GOOD + b"WARC/1.0\r\n" + header}, kind="warc", license="MIT")


@pytest.mark.parametrize("name", ["c.warc.gz", "c.warc"])
def test_an_archive_that_grows_out_of_proportion_is_refused_whatever_its_name(collected, name: str):
    with pytest.raises(Misuse, match=rf"{name}: grows out of all proportion"):
        collected({name: archive(GOOD, record(http(bytes(2**27))))}, kind="warc", license="MIT")


def test_an_archive_packed_in_another_way_is_refused(collected):
    with pytest.raises(Misuse, match="is packed with LZ4"):
        collected({"c.warc": b"\x04\x22\x4d\x18" + GOOD}, kind="warc", license="MIT")


def test_every_cut_of_a_packed_archive_is_found(tmp_path: Path):
    data, place = archive(GOOD, GOOD), tmp_path / "c.warc.gz"
    for length in range(len(archive(GOOD)) + 1, len(data)):
        place.write_bytes(data[:length])
        opened = open_warc(place, uri="c", include=())
        with pytest.raises(Misuse, match=r"c.warc.gz: damaged"):
            list(opened.read(opened.files, Inventory()))


@pytest.mark.parametrize("removed", [5, 30, len(GOOD) - 10])
def test_a_cut_archive_is_an_error_that_names_the_record(collected, removed: int):
    with pytest.raises(Misuse, match=r"c.warc: record 2 is cut short"):
        collected({"c.warc": (GOOD + GOOD)[:-removed]}, kind="warc", license="MIT")


def test_a_changed_byte_in_a_packed_archive_is_found(collected):
    data = bytearray(archive(GOOD, GOOD))
    data[-30] ^= 1
    with pytest.raises(Misuse, match=r"c.warc.gz: damaged") as caught:
        collected({"c.warc.gz": bytes(data)}, kind="warc", license="MIT")
    assert "fetch it again" in (caught.value.hint or "")


@pytest.mark.parametrize("spell", [lambda d: base64.b32encode(d).decode(), bytes.hex])
def test_a_record_is_held_to_the_digest_it_states(collected, spell):
    block = http(b"<p>Held.</p>")
    stated = f"WARC-Block-Digest: sha1:{spell(hashlib.sha1(block).digest())}\r\n"
    assert len(collected({"c.warc": record(block, more=stated)}, kind="warc", license="MIT").texts) == 1
    with pytest.raises(Misuse, match=r"c.warc: record 1 does not have the digest that it states"):
        collected({"c.warc": record(http(b"<p>Hold.</p>"), more=stated)}, kind="warc", license="MIT")


@pytest.mark.parametrize("data", [b"", b"no archive " * 99])
def test_a_file_without_records_is_an_error(collected, data: bytes):
    with pytest.raises(Misuse, match=r"c.warc: (holds no record|damaged after record 0)"):
        collected({"c.warc": data}, kind="warc", license="MIT")


def test_the_digest_of_the_archive_is_recorded(collected):
    corpus = collected({"c.warc": GOOD}, kind="warc", license="MIT")
    (source,) = json.loads((corpus.out / "sources.json").read_bytes())["sources"]
    assert (source["determined"]["num_files"], source["determined"]["bytes"]) == (1, len(GOOD))
    assert source["determined"]["kind"] == "warc"


@pytest.mark.parametrize("name", ["c.warc", "c.warc.gz"])
def test_the_inventory_grows_while_an_archive_is_read(tmp_path: Path, name: str):
    pages = [record(http(bytes(os.urandom(2000)).hex().encode())) for _ in range(200)]
    place = tmp_path / name
    place.write_bytes(archive(*pages) if name.endswith(".gz") else b"".join(pages))
    inventory = Inventory()
    opened = open_warc(place, uri="c", include=())
    reached = [inventory.num_bytes for _ in opened.read(opened.files, inventory)]
    assert 0 < reached[100] < reached[-1] <= inventory.num_bytes == place.stat().st_size
    assert inventory.files[name] == (hashlib.sha256(place.read_bytes()).hexdigest(), place.stat().st_size)
