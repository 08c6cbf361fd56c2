"""Which licenses let a document in."""

import pytest

from glasswright.corpus.policy import judge


@pytest.mark.parametrize(
    ("stated", "license", "decision"),
    [
        ("CC0-1.0", "CC0-1.0", "allow"),
        ("GPL-2.0", "GPL-2.0-only", "allow"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0", "allow"),
        ("MIT OR CC-BY-NC-4.0", "MIT OR CC-BY-NC-4.0", "allow"),
        ("MIT AND CC-BY-NC-4.0", "MIT AND CC-BY-NC-4.0", "deny"),
        ("MIT AND LicenseRef-x", "MIT AND LicenseRef-x", "unknown"),
        ("CC-BY-NC-4.0 AND LicenseRef-x", "CC-BY-NC-4.0 AND LicenseRef-x", "deny"),
        ("CC-BY-ND-4.0", "CC-BY-ND-4.0", "deny"),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", None, "allow"),
        ("LicenseRef-mine", "LicenseRef-mine", "unknown"),
        ("LicenseRef-changed-MIT", None, "unknown"),
        ("LicenseRef-NC", None, "deny"),
        ("CC-BY-4.0 AND LicenseRef-NC", None, "deny"),
        ("CC-BY-4.0 AND LicenseRef-no-copies", None, "unknown"),
        ("LicenseRef-GPL", "GPL-1.0-or-later", "allow"),
        ("CC-BY-3.0-DE", None, "allow"),
        ("GFDL-1.3-no-invariants-or-later", None, "allow"),
        ("GFDL-1.3-or-later", None, "deny"),
        ("JSON", None, "deny"),
    ],
)
def test_a_license_is_judged(stated: str, license: str | None, decision: str):
    judgement = judge(stated)
    assert judgement.license == (license or stated)
    assert judgement.decision == decision


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        (None, "license_not_stated"),
        ("  ", "license_not_stated"),
        ("MIT AND", "license_not_spdx"),
        ("ask me", "license_not_spdx"),
    ],
)
def test_what_is_no_license_is_unknown(stated: str | None, reason: str):
    judgement = judge(stated)
    assert (judgement.license, judgement.decision, judgement.reason) == (None, "unknown", reason)


def test_a_license_that_holds_in_one_country_says_so():
    assert judge("CC0-1.0 AND LicenseRef-PD-US").jurisdiction == "US"
    assert judge("CC0-1.0").jurisdiction is None
