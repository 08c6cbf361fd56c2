"""Which license what is made from a work may be under."""

import pytest

from glasswright.licenses.model_licenses import Terms, terms_of
from glasswright.licenses.passing_on import goes_with, passed_on, what_would

LLAMA = "LicenseRef-llama3.1"


def _terms(license: str) -> Terms:
    found = terms_of(license)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("work", "made"),
    [
        ("Apache-2.0", "MIT"),
        ("MIT", "LicenseRef-ours"),
        ("CC-BY-4.0", "Apache-2.0"),
        (LLAMA, LLAMA),
        (LLAMA, f"Apache-2.0 AND {LLAMA}"),
        (LLAMA, f"(MIT AND {LLAMA}) OR {LLAMA}"),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0"),
        ("CC-BY-SA-3.0", "CC-BY-SA-4.0"),
        ("CC-BY-SA-4.0", "GPL-3.0-only"),
        ("GPL-2.0-or-later", "GPL-3.0-only"),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0 AND MIT"),
    ],
)
def test_these_go_with_it(work: str, made: str):
    assert goes_with(made, _terms(work))


@pytest.mark.parametrize(
    ("work", "made"),
    [
        (LLAMA, "Apache-2.0"),
        (LLAMA, f"Apache-2.0 OR {LLAMA}"),
        (LLAMA, "LicenseRef-llama3"),
        ("LicenseRef-gemma", "MIT"),
        ("CC-BY-SA-4.0", "Apache-2.0"),
        ("CC-BY-SA-4.0", f"CC-BY-SA-4.0 AND {LLAMA}"),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0 AND LicenseRef-ours"),
        ("CC-BY-SA-4.0", "CC-BY-SA-3.0"),
        ("CC-BY-NC-4.0", "CC-BY-4.0"),
        ("GPL-3.0-only", "GPL-2.0-only"),
        ("GPL-3.0-or-later", "GPL-2.0-only"),
        (LLAMA, "( ("),
    ],
)
def test_these_do_not(work: str, made: str):
    assert not goes_with(made, _terms(work))


@pytest.mark.parametrize(
    ("work", "asked"),
    [
        (LLAMA, "Apache-2.0"),
        (LLAMA, "MIT OR Apache-2.0"),
        (LLAMA, None),
        ("CC-BY-SA-4.0", "MIT"),
        ("CC-BY-NC-4.0", "MIT"),
    ],
)
def test_what_is_said_to_go_with_it_does(work: str, asked: str | None):
    for would in what_would(asked, _terms(work)).replace("(MIT OR Apache-2.0)", "MIT").split(" or "):
        assert goes_with(would, _terms(work)), would


@pytest.mark.parametrize(
    ("work", "made"),
    [(LLAMA, LLAMA), ("CC-BY-SA-4.0", "CC-BY-SA-4.0"), ("Apache-2.0", None), ("LicenseRef-ours", None)],
)
def test_a_license_is_passed_on_where_it_wants_that(work: str, made: str | None):
    assert passed_on(work) == made
