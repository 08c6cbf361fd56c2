"""What a text says beyond the license whose words it holds."""

import pytest
from tests.licenses.license_texts import APACHE, MIT

from glasswright.licenses import Fidelity, additions_to, granted, is_open, text_license

TERMS = [
    "Companies listed on a stock exchange are granted no rights.",
    "All copies shall acknowledge in their user interface that this Software was used.",
    "This license may be revoked at any time.",
    "Users in some countries must ask first.",
    "Вы не можете использовать это в своих целях.",
]
NO_TERMS = [
    "Copyright (c) 2031 A. Body",
    "Example is licensed under the terms of the MIT License, reproduced below.",
    "See AUTHORS for a list of contributors.",
    "SPDX-License-Identifier: MIT",
    "Portions copyright A. Body and others.",
    "All rights reserved.",
]


@pytest.mark.parametrize("text", [MIT, APACHE])
@pytest.mark.parametrize("added", TERMS)
def test_terms_beside_a_license_are_quoted_and_it_is_open_no_more(text: str, added: str):
    found = text_license(f"{text}\n\n{added}\n")
    assert found is not None
    assert found.fidelity in (Fidelity.ADDED, Fidelity.CHANGED)
    assert [addition.quote for addition in found.additions] == [added.rstrip(".")] or added in found.additions[0].quote
    assert not is_open(granted(f"{text}\n\n{added}\n"), "code")


@pytest.mark.parametrize("added", NO_TERMS)
def test_names_and_titles_add_nothing(added: str):
    found = text_license(f"{added}\n\n{MIT}")
    assert found is not None
    assert (found.fidelity, found.additions) == (Fidelity.WHOLE, ())


def test_an_addition_is_named_by_its_line():
    found = text_license(f"{MIT}\n{TERMS[0]}\n")
    assert found is not None
    assert found.additions[0].line == MIT.count("\n") + 2


def test_a_short_text_that_names_a_license_may_add_terms_too():
    assert additions_to("Licensed under the MIT License.") == ()
    assert additions_to(f"Licensed under the MIT License. {TERMS[0]}") != ()


def test_a_closed_license_that_is_named_beside_an_open_one_is_an_addition():
    assert granted(f"{MIT}\n\nLicencia: CC BY-NC-SA 4.0\n") != "MIT"


@pytest.mark.parametrize(
    ("gone", "instead"),
    [
        ("publish, distribute, sublicense, and/or sell", "publish, distribute"),
        ("use, copy, modify, merge", "use, merge"),
    ],
)
def test_a_right_that_is_gone_is_a_change(gone: str, instead: str):
    changed = MIT.replace(gone, instead)
    assert changed != MIT
    found = text_license(changed)
    assert found is not None
    assert found.fidelity is Fidelity.CHANGED


def test_words_of_a_right_that_meet_only_here_are_a_change_in_a_long_license_too():
    changed = APACHE.replace("sublicense, and distribute the\n", "and distribute the\n", 1)
    assert changed != APACHE
    found = text_license(changed)
    assert found is not None
    assert found.fidelity is Fidelity.CHANGED
