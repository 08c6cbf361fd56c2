"""One encoding for one value: RFC 8785's, as an independent package writes it."""

import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from glasswright.errors import Misuse
from glasswright.records.canonical import (
    MAX_EXACT_INTEGER,
    canonical_bytes,
    digest,
    float_bits,
    float_from_bits,
    parse,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_EXACT_INTEGER, MAX_EXACT_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=12,
)


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_encoded_is_decoded_again(value: object) -> None:
    assert parse(canonical_bytes(value), "value") == value


@pytest.mark.parametrize(
    "value",
    [1.0, math.nan, MAX_EXACT_INTEGER + 1, -MAX_EXACT_INTEGER - 1, {"é": 1}, {1: 2}, b"x", "\ud800", [{"x": (0.5,)}]],
)
def test_what_has_no_single_encoding_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_bytes(value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a":1,"a":2}', "duplicate key 'a'"),
        (b"1.0", "records hold no floats"),
        (b"1e3", "records hold no floats"),
        (b"NaN", "records hold no floats"),
        (b'"\xff"', "utf-8"),
        (b"\xef\xbb\xbf1", "not a canonical record"),
        (b"[" * 100_000, "not a canonical record"),
        (b"{} {}", "Extra data"),
        (b"", "Expecting value"),
    ],
)
def test_what_no_record_holds_is_misuse_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(Misuse, match=message) as caught:
        parse(data, "file:3")
    assert str(caught.value).startswith("file:3: ")


def test_key_order_and_tuples_do_not_change_the_digest() -> None:
    assert digest({"a": (1, 2), "b": None}) == digest({"b": None, "a": [1, 2]})


@given(st.floats(width=32))
def test_a_binary32_value_and_its_bits_lead_to_each_other(value: float) -> None:
    again = float_from_bits(float_bits(value))
    assert again == value or (math.isnan(again) and math.isnan(value))
    assert math.copysign(1, again) == math.copysign(1, value) or math.isnan(value)


def test_a_value_between_two_binary32_values_is_refused() -> None:
    with pytest.raises(ValueError, match="not a binary32 value"):
        float_bits(0.1)
