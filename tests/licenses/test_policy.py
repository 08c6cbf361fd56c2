"""Which expressions are read, and that what is read has one spelling. What is allowed: tests/corpus/test_policy.py."""

import pytest

from glasswright.licenses.policy import decision, jurisdiction, parse, read


@pytest.mark.parametrize("stated", ["()", "(AND MIT", "(MIT", "MIT AND", "AND", "", "MIT\x1b[2J", "LicenseRef-\u202ex"])
def test_what_is_no_expression_is_none(stated: str) -> None:
    assert read(stated) is None
    assert parse(stated) is None


def test_a_license_that_this_version_does_not_know_is_read_and_denied() -> None:
    expression = read("Newer-License-9.9")
    assert parse("Newer-License-9.9") is None
    assert decision(expression) == "deny"
    assert decision(expression, allow=["Newer-License-9.9"]) == "allow"


@pytest.mark.parametrize("stated", ["mit or (apache-2.0 and GPL-2.0)", "LicenseRef-PD-US AND MIT", "GPL-2.0+ WITH x"])
def test_an_expression_that_was_spelled_is_spelled_the_same_again(stated: str) -> None:
    once = read(stated)
    again = read(str(once))
    assert str(again) == str(once)
    assert (decision(again), jurisdiction(again)) == (decision(once), jurisdiction(once))
