"""Patterns over prose."""

import pytest

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
