"""Patterns over prose."""

import pytest

from glasswright.licenses.grants import said_in_words
from glasswright.licenses.languages import UNREAD
from glasswright.licenses.spoken import spoken


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("public domain", "Public\n  Domain", True),
        ("public domain", "publicdomain", False),
        ("data ?sets?", "datasets", True),
        ("data ?sets?", "data\nset", True),
        ("[a b]x", "a\nx", False),
        ("[a b]x", " x", True),
    ],
)
def test_a_space_is_any_white_space(pattern: str, text: str, fits: bool):
    assert bool(spoken(pattern).search(text)) is fits


@pytest.mark.parametrize(
    "sentence", ["Bu model MIT lisansı altındadır.", "यह मॉडल MIT लाइसेंस के अंतर्गत है।", "Данні під ліцензією MIT."]
)
def test_a_sentence_on_licenses_in_a_language_that_is_not_read_says_so(sentence: str):
    assert [grant.license for grant, _ in said_in_words(sentence)][:1] == [UNREAD]
