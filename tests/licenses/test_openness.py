"""Which licenses are open, by which list, and for which kind of work."""

import pytest

from glasswright.licenses import is_open, openness


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("Apache-2.0", "code"),
        ("MIT", "weights"),
        ("GPL-3.0-or-later", "code"),
        ("CC-BY-SA-4.0", "data"),
        ("ODC-By-1.0", "data"),
        ("OpenMDW-1.0", "weights"),
        ("MIT OR CC-BY-NC-4.0", "code"),
    ],
)
def test_an_open_license_is_open(expression: str, kind: str):
    assert is_open(expression, kind)


@pytest.mark.parametrize(
    "expression", ["CC-BY-NC-4.0", "CC-BY-ND-4.0", "MIT AND CC-BY-NC-4.0", None, "something else", "Elastic-2.0"]
)
def test_a_license_that_is_not_open_is_not_open(expression: str | None):
    assert not is_open(expression, "data")


def test_an_open_license_of_another_kind_is_open_and_does_not_fit():
    assert openness("CC-BY-4.0", "code").is_open
    assert not openness("CC-BY-4.0", "code").fits_kind
    assert openness("CC-BY-4.0", "data").fits_kind
    assert not openness("MIT", "document").fits_kind
