"""Bytes to text: nothing is lost without being counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.corpus.decode import decode, without_surrogates


@given(st.text(alphabet=st.characters(exclude_characters="\r\ufeff\u2060", exclude_categories=["Cs"])))
def test_utf8_is_read_as_it_is(text: str):
    assert decode(text.encode()).text == text
    assert decode(text.encode()).num_replaced == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_goes(encoding: str):
    assert decode("naïve".encode(encoding)).text == "naïve"


def test_invalid_bytes_are_counted():
    found = decode(b"a\xffb\xfec")
    assert (found.text, found.num_replaced) == ("a\ufffdb\ufffdc", 2)


def test_invalid_bytes_beside_a_real_replacement_character_are_counted_apart():
    assert decode("\ufffd".encode() + b"\xff").num_replaced == 1


def test_line_ends_become_one_kind_and_word_joiners_go():
    assert decode("a\r\nb\rc\u2060d".encode()).text == "a\nb\ncd"


def test_a_lone_surrogate_becomes_a_replacement_character():
    found = without_surrogates("a\ud800b")
    assert (found.text, found.num_replaced) == ("a\ufffdb", 1)


def test_a_pair_of_surrogates_becomes_its_character():
    assert without_surrogates("\ud83d\ude00").text == "\U0001f600"
