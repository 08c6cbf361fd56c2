"""A license text that somebody changed is no longer that license."""

import pytest
from tests.licenses.license_texts import APACHE, MIT

from glasswright.licenses import Fidelity, taken_beyond, text_license


def fidelity(text: str) -> Fidelity | None:
    found = text_license(text)
    return found.fidelity if found else None


@pytest.mark.parametrize(("text", "license"), [(MIT, "MIT"), (APACHE, "Apache-2.0")])
def test_the_text_itself_is_whole(text: str, license: str):
    found = text_license(text)
    assert found is not None
    assert (found.license, found.fidelity) == (license, Fidelity.WHOLE)


@pytest.mark.parametrize(
    "text",
    [
        MIT.replace("AUTHORS OR COPYRIGHT HOLDERS", "SOME COMPANY INC."),
        MIT.replace("this permission notice shall", "this permission notice (including the next paragraph) shall"),
        MIT.replace("The MIT License (MIT)", "MIT License"),
        APACHE.partition("APPENDIX")[0],
        "Copyright 1999 A. Body, all rights reserved\n\n" + MIT.replace("\n", "\n  "),
        "/*\n" + "\n".join(f" * {line}" for line in MIT.splitlines()) + "\n */\n",
    ],
)
def test_names_and_layout_may_differ(text: str):
    assert fidelity(text) is Fidelity.WHOLE


@pytest.mark.parametrize(
    "text",
    [
        MIT.replace("to deal in the Software", "to deal in the Software for non-commercial purposes"),
        MIT.replace("to any person", "only to any academic person"),
        MIT.replace("sublicense, and/or sell", "and sublicense"),
        MIT.replace("rights to use, copy", "rights to use, view"),
        MIT.replace("without restriction, including", "subject to approval, including"),
        MIT.replace("Permission is hereby granted", "Permission is not granted"),
        MIT + "\nThis work may not be used to train machine learning models.\n",
        MIT + "\nThe Commons Clause applies: the License does not grant the right to sell.\n",
        MIT + "\nFor personal use only.\n",
        APACHE + "\n\nAdditional term: You may not use the Work for commercial purposes.\n",
        APACHE.replace(APACHE[APACHE.index("2. Grant of Copyright") : APACHE.index("3. Grant of Patent")], ""),
    ],
)
def test_a_text_that_takes_something_away_is_changed(text: str):
    assert text not in (MIT, APACHE)
    assert fidelity(text) is Fidelity.CHANGED


def test_two_texts_in_a_file_are_two_licenses():
    found = text_license(MIT + "\n\n---\n\n" + APACHE)
    assert found is not None
    assert set(found.license.split(" AND ")) == {"MIT", "Apache-2.0"}


def test_a_text_within_others_is_told_from_one_alone():
    more = " ".join(f"Chapter {i} tells how the license number {i} came about in year {i}." for i in range(200))
    assert fidelity(MIT + more) is Fidelity.WITHIN


def test_what_a_license_takes_itself_is_not_counted_twice():
    once = "You may not use it for commercial purposes."
    assert taken_beyond(once, "MIT") == ["LicenseRef-NC"]
    assert taken_beyond(once, "CC-BY-NC-4.0") == []


def test_a_text_of_no_license_is_none():
    assert fidelity("Nothing in these few words is a license.") is None


@pytest.mark.timeout(100)
@pytest.mark.parametrize("piece", ["\n", " \n", "~~~\n", "1. ", "copyright ", "the software "])
def test_a_hostile_text_is_read_in_one_go(piece: str):
    """Quadratic patterns take many minutes for this, and the test is stopped before."""
    text_license(piece * (1_000_000 // len(piece)))
