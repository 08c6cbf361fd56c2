"""One name for a license, however it was written."""

import pytest

from glasswright.licenses import hub_tag_expression, normalize_expression, spdx_expression
from glasswright.licenses.names import spdx_ids
from glasswright.licenses.policy import parse


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("apache-2.0", "Apache-2.0"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache 2.0 License", "Apache-2.0"),
        ("the Apache License, Version 2.0", "Apache-2.0"),
        ("MIT licence", "MIT"),
        ("BSD 3-Clause", "BSD-3-Clause"),
        ("GPL-3.0", "GPL-3.0-only"),
        ("odc-by", "ODC-By-1.0"),
        ("CC BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("mit OR apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT AND CC0-1.0) OR Apache-2.0", "(MIT AND CC0-1.0) OR Apache-2.0"),
        ("openmdw-1.1", "OpenMDW-1.1"),
    ],
)
def test_a_name_becomes_its_spdx_expression(written: str, expression: str):
    assert normalize_expression(written) == expression


@pytest.mark.parametrize(
    "written", [None, "", "other", "unlicensed", "My Own License", "MIT AND", "AND MIT", "(MIT OR", "llama3"]
)
def test_what_names_no_license_is_none(written: str | None):
    assert normalize_expression(written) is None


def test_a_hub_tag_that_names_a_family_is_none():
    assert hub_tag_expression("cc") is None
    assert hub_tag_expression("cc-by-4.0") == "CC-BY-4.0"


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("mit or (apache-2.0 and CC0-1.0)", "MIT OR (Apache-2.0 AND CC0-1.0)"),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("CC0-1.0 AND LicenseRef-PD-US", "CC0-1.0 AND LicenseRef-PD-US"),
        ("LicenseRef-", None),
        ("LicenseRef-a/b", None),
        ("CC BY 4.0", None),
        ("Apache License 2.0", None),
        ("MIT AND", None),
        ("(MIT", None),
        ("", None),
    ],
)
def test_an_expression_is_told_from_a_name_that_people_use(text: str, expression: str | None):
    assert spdx_expression(text) == expression


def test_what_is_taken_for_an_expression_is_one_to_the_corpus():
    for name in set(spdx_ids().values()):
        assert parse(name) is not None, name
        assert spdx_expression(name) == name
