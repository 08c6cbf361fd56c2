"""Text is mended once, every mend is counted, and what the author wrote stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.corpus.quality.normalize import normalize

MENDED = [
    ("sÃ\xad, seÃ±or", "sí, señor", {"mojibake": 1}),
    ("it‚Äôs", "it’s", {"mojibake": 1}),
    ("РџСЂРёРІРµС‚", "Привет", {"mojibake": 1}),
    ("a\r\nb\rc\fd\u2028e", "a\nb\nc\nd\ne", {"line_end": 4}),
    ("away\u2060—away", "away—away", {"word_joiner": 1}),
    ("syl\u00adla\u00adble", "syllable", {"soft_hyphen": 2}),
    ("\ufefftext\ufeff", "text", {"byte_order_mark": 2}),
    ("a\x00b\x1b", "ab", {"control": 2}),
    ("cafe\u0301", "café", {"composed": 1}),
]


@pytest.mark.parametrize(("text", "expected", "counts"), MENDED)
def test_each_fault_is_mended_and_counted(text: str, expected: str, counts: dict[str, int]) -> None:
    found = normalize(text)
    assert found.text == expected
    assert dict(found.mended) == counts


@pytest.mark.parametrize(
    "text", ["“Quotes”—‘and’ dashes…", "ﬁne ligature", "ＦＵＬＬ width", "a &amp; b", "Привет", "日本語、です。"]
)
def test_what_the_author_wrote_stays(text: str) -> None:
    found = normalize(text)
    assert found.text == text
    assert not found.mended


@given(st.text(max_size=200))
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    once = normalize(text).text
    assert normalize(once).text == once


def test_a_fault_in_one_line_leaves_the_others_alone() -> None:
    assert normalize("Ã© here\nÃ and â by themselves").text.startswith("é here\n")
