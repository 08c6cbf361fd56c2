"""Words that take away what an open license gives."""

import pytest
from tests.licenses.license_texts import APACHE, MIT

from glasswright.licenses import restrictions


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("For non-commercial use.", "LicenseRef-NC"),
        ("This guide is for personal use only.", "LicenseRef-NC"),
        ("It may be used only for academic research.", "LicenseRef-NC"),
        ("The book may not\nbe sold.", "LicenseRef-NC"),
        ("Commercial use is strictly prohibited.", "LicenseRef-NC"),
        ("Not for resale.", "LicenseRef-NC"),
        ("Dual-licensed: GPL, or a commercial license for everyone else.", "LicenseRef-NC"),
        ("All other users need an agreement with us.", "LicenseRef-NC"),
        ("不得用于商业用途。", "LicenseRef-NC"),
        ("This document may not be modified.", "LicenseRef-ND"),
        ("No derivatives, please.", "LicenseRef-ND"),
        ("Only verbatim copies.", "LicenseRef-ND"),
        ("No part of this book may be reproduced.", "LicenseRef-no-copies"),
        ("Reproduction without the written permission of the author is an offence.", "LicenseRef-no-copies"),
        ("It must not be republished.", "LicenseRef-no-copies"),
        ("The text may not be used to train language models.", "LicenseRef-no-training"),
    ],
)
def test_what_is_taken_away_is_found(text: str, taken: str):
    assert [name for _, name in restrictions(text)][:1] == [taken]


@pytest.mark.parametrize(
    "text",
    [
        MIT,
        APACHE,
        "You may use it for commercial and non-commercial purposes.",
        "This file may not be copied, modified, or distributed except according to those terms.",
        "You may not remove this notice.",
        "No other license is needed by anyone else.",
        "There are two business days to buy tickets.",
        "Redistribution, with or without modification, is permitted.",
        "Chapters are numbered, and you may read them in any order.",
        "These examples are for educational purposes only.",
    ],
)
def test_what_takes_nothing_away_is_not(text: str):
    assert restrictions(text) == []


def test_no_condition_buys_off_a_clause_against_commerce():
    text = "Non-commercial redistribution is permitted provided that this notice is kept."
    assert [name for _, name in restrictions(text)] == ["LicenseRef-NC"]


def test_what_a_text_repeats_without_end_is_counted_up_to_a_bound():
    assert len(restrictions("Do not copy " * 2000)) == 64
