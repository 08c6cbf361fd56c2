"""Which expressions are read, and that what is read has one spelling. What is allowed: tests/corpus/test_policy.py."""

import tomllib
from importlib import resources

import pytest

from glasswright.licenses import is_open
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


ONCE_ALLOWED = """
    0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-2.0
    BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSL-1.0 CC-BY-1.0 CC-BY-2.0
    CC-BY-2.5 CC-BY-2.5-AU CC-BY-3.0 CC-BY-3.0-AT CC-BY-3.0-AU CC-BY-3.0-DE CC-BY-3.0-IGO CC-BY-3.0-NL CC-BY-3.0-US
    CC-BY-4.0 CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.0-UK CC-BY-SA-2.1-JP CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-3.0-AT
    CC-BY-SA-3.0-DE CC-BY-SA-3.0-IGO CC-BY-SA-4.0 CC-PDDC CC-PDM-1.0 CC0-1.0 CDDL-1.0 CDDL-1.1 CDLA-Permissive-1.0
    CDLA-Permissive-2.0 CDLA-Sharing-1.0 CECILL-2.1 CPL-1.0 ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSFAP FSFUL
    FSFULLR FTL GFDL-1.1-no-invariants-only GFDL-1.1-no-invariants-or-later GFDL-1.2-no-invariants-only
    GFDL-1.2-no-invariants-or-later GFDL-1.3-no-invariants-only GFDL-1.3-no-invariants-or-later GPL-1.0-only
    GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ICU ISC LAL-1.3 LGPL-2.0-only
    LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later LPPL-1.3c MIT MIT-0
    MIT-Modern-Variant MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-2.0 NCSA NIST-PD
    NIST-PD-fallback ODbL-1.0 ODC-By-1.0 OFL-1.1 OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 OGL-Canada-2.0 OSL-3.0 PDDL-1.0
    PHP-3.01 PostgreSQL PSF-2.0 Python-2.0 Python-2.0.1 QPL-1.0 Ruby TCL UPL-1.0 Unicode-3.0 Unicode-DFS-2016
    Unlicense W3C W3C-19980720 W3C-20150513 WTFPL X11 Zlib ZPL-2.1 zlib-acknowledgement
    LicenseRef-PD LicenseRef-PD-US LicenseRef-CC-BY LicenseRef-CC-BY-SA
""".split()


@pytest.mark.parametrize("name", ONCE_ALLOWED)
def test_what_a_release_was_allowed_to_keep_stays_allowed(name: str) -> None:
    assert decision(read(name)) == "allow"


def test_every_open_license_is_listed_once_and_known() -> None:
    lists = tomllib.loads(resources.files("glasswright.licenses").joinpath("open.toml").read_text())
    names = [name for group in lists.values() for name in group["licenses"]]
    assert len(names) == len(set(names))
    assert [name for name in names if parse(name) is None] == []
    assert [name for name in names if "-NC" in name or "-ND" in name] == []


@pytest.mark.parametrize(
    ("stated", "decided"),
    [
        ("(MIT OR Apache-2.0) AND CC-BY-NC-4.0", "deny"),
        ("CC-BY-NC-4.0 AND (MIT OR Apache-2.0)", "deny"),
        ("MIT OR (Apache-2.0 AND CC-BY-NC-4.0)", "allow"),
        ("MIT AND LicenseRef-additions", "unknown"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "allow"),
        ("MIT WITH LicenseRef-Commons-Clause", "unknown"),
        ("OpenMDW-1.1", "allow"),
        ("GFDL-1.3-or-later", "deny"),
    ],
)
def test_audit_and_corpus_come_to_the_same(stated: str, decided: str) -> None:
    expression = parse(stated)
    assert expression is not None
    assert decision(expression) == decided
    assert is_open(stated, "data") == (decided == "allow")
