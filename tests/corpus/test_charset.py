"""The encoding of a page: byte order mark, HTTP header, the page's own word, UTF-8."""

import codecs

import pytest
from tests.corpus.test_warc import http, record

from glasswright.corpus.sources.charset import decode_page, decode_plain

RUSSIAN = "Жили-были старик со старухой"
PAGE = '<html><head><meta charset="{}"></head><body><p>{}</p></body></html>'


@pytest.mark.parametrize("label", ["windows-1251", "koi8-r", "ISO-8859-5", "UTF-8"])
def test_the_page_says_how_it_is_written(collected, label: str):
    page = PAGE.format(label, RUSSIAN).encode(label)
    corpus = collected({"a.html": page, "b.xhtml": page}, license="MIT")
    assert set(corpus.texts.values()) == {RUSSIAN}
    assert len(corpus.rows) == 2


@pytest.mark.parametrize(
    "head",
    [
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        "<META CHARSET = windows-1251 />",
        "<!-- <meta charset=utf-8> --><meta charset='windows-1251'>",
    ],
)
def test_each_way_to_say_it_is_understood(head: str):
    assert RUSSIAN in decode_page((head + RUSSIAN).encode("cp1251")).text


def test_an_xml_declaration_says_it_too(collected):
    page = f"<?xml version='1.0' encoding='windows-1251'?><html><body><p>{RUSSIAN}</p></body></html>"
    assert list(collected({"a.xhtml": page.encode("cp1251")}, license="MIT").texts.values()) == [RUSSIAN]


def test_the_nearest_of_several_holds():
    page = PAGE.format("koi8-r", RUSSIAN)
    assert RUSSIAN in decode_page(page.encode("cp1251"), "windows-1251").text  # HTTP over the page
    assert RUSSIAN in decode_page(page.encode(), "utf-8").text
    assert RUSSIAN in decode_page(codecs.BOM_UTF8 + page.encode(), "windows-1251").text  # a mark over HTTP
    assert RUSSIAN in decode_page(page.encode("utf-16"), None).text
    assert RUSSIAN in decode_page(page.encode("koi8-r"), "no-such-charset").text  # the page over nonsense
    assert RUSSIAN not in decode_page(page.encode("koi8-r"), "windows-1251").text


def test_a_page_cannot_be_in_two_bytes_if_its_word_can_be_read():
    assert decode_page(PAGE.format("utf-16", "words").encode()).text.endswith("<p>words</p></body></html>")


@pytest.mark.parametrize("label", ["unicode_escape", "utf-7", "idna", "rot13", "base64", "zlib", "x\0y", "é" * 99])
def test_a_label_of_no_language_is_not_looked_at(label: str):
    assert decode_page(b"<p>\\u0041+AGE-</p>", label).text == "<p>\\u0041+AGE-</p>"


def test_latin_1_is_what_browsers_take_it_for():
    assert decode_plain(b"\x93na\xefve\x94", "iso-8859-1").text == "“naïve”"


def test_lost_characters_are_counted():
    assert decode_page(b"<p>\x81</p>", "windows-1252").num_replaced == 1
    assert decode_page("<p>ü</p>".encode("latin-1")).num_replaced == 1
    assert decode_page(PAGE.format("euc-jp", "").encode() + b"\xff\xff").num_replaced >= 1


def test_a_crawled_page_in_the_charset_that_it_states(collected):
    page = PAGE.format("windows-1251", RUSSIAN).encode("cp1251")
    corpus = collected({"c.warc": record(http(page))}, kind="warc", license="MIT")
    assert list(corpus.texts.values()) == [RUSSIAN]
