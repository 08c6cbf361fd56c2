"""License texts by their fingerprints. Texts that every machine has: this repository's license, and pytest's."""

import re

import pytest
from license_expression import get_license_index
from tests.licenses.license_texts import APACHE, MIT

from glasswright.licenses import text_license
from glasswright.licenses.texts import known_sketches, located_words

NO_TEXT = {"any-OSI", "any-OSI-perl-modules"}  # of no license
GNU_FORM = re.compile(r"(-no-invariants|-invariants)?(-only|-or-later)$")


def test_a_word_stands_where_the_text_has_it():
    text = "Copyright (c) 2031 A. Body\n  (a) Use, copy\nand MODIFY; \u4f7f\u7528"
    assert [text[word.start : word.end].lower() for word in located_words(text)] == [
        word.text for word in located_words(text)
    ]
    assert [word.text for word in located_words(text)] == ["use", "copy", "and", "modify", "\u4f7f", "\u7528"]


def test_layout_and_copyright_line_do_not_matter():
    other = "Copyright 2031 Somebody Else\n" + APACHE.upper().replace("\n", " \n  ")
    assert text_license(other) == text_license(APACHE)


@pytest.mark.parametrize("text", [MIT, APACHE])
def test_half_a_text_is_a_part_or_was_changed(text: str):
    found = text_license(text[: len(text) // 2])
    assert found is not None
    assert found.fidelity.value in ("part", "changed")
    assert found.held < 0.7


def test_what_shows_how_to_apply_a_license_may_be_left_out():
    whole, terms = text_license(APACHE), text_license(APACHE.partition("APPENDIX")[0])
    assert whole is not None
    assert terms is not None
    assert (whole.license, whole.fidelity) == (terms.license, terms.fidelity)


def test_the_whole_spdx_list_has_fingerprints():
    known = {sketch.license for sketch in known_sketches()}
    listed = {
        GNU_FORM.sub("", name)
        for entry in get_license_index()
        if (name := entry.get("spdx_license_key")) and not entry["is_exception"] and not name.startswith("LicenseRef-")
    }
    assert len(listed) > 600
    assert listed - known == NO_TEXT
