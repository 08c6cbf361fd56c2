"""The license of a document: the nearest statement speaks, quotations do not, and conflicts are held back."""

import pytest
from tests.licenses.license_texts import MIT

from glasswright.corpus.evidence.statements import statements
from glasswright.corpus.evidence.weigh import agree, weigh
from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses.grants import expression_of, granted
from glasswright.licenses.mentions import mentions

LONG = "Some words of the document itself, which say nothing of any license at all.\n\n" * 30


def license_of(text: str) -> str | None:
    return weigh(statements(text)).license


@pytest.mark.parametrize(
    ("value", "license"),
    [
        ("MIT", "MIT"),
        ("BSD-2-Clause OR OPUBL-1.0", "BSD-2-Clause OR OPUBL-1.0"),
        ("[CC-BY]", "LicenseRef-CC-BY"),
        ("CC BY-NC-SA", "LicenseRef-CC-BY-NC-SA"),
        ("[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/3.0/", "CC-BY-NC-ND-3.0"),
        ("PD", "LicenseRef-PD"),
        ("PD OR CC0-1.0", "LicenseRef-PD OR CC0-1.0"),
        (
            "Creative Commons - Attribution Share-Alike - https://creativecommons.org/licenses/by-sa/4.0/",
            "CC-BY-SA-4.0",
        ),
        ("whatever you like", None),
    ],
)
def test_a_value_is_read_as_an_expression(value: str, license: str | None):
    assert expression_of(value) == license


@pytest.mark.parametrize(
    ("text", "license"),
    [
        (MIT, "MIT"),
        (
            "This work is licensed under the Creative Commons Attribution-ShareAlike 4.0 International License.",
            "CC-BY-SA-4.0",
        ),
        ("Attribution-NonCommercial-NoDerivatives 4.0 International\n\n" + "=" * 70 + "\n" + LONG, "CC-BY-NC-ND-4.0"),
        ("Licensed under the Apache License, Version 2.0 or the MIT license, at your option.", "Apache-2.0 OR MIT"),
        (
            "As a work of the government, this project is in the public domain within the United States.\n\n"
            "Additionally, we waive copyright in the work worldwide through the CC0 1.0 Universal dedication.",
            "CC0-1.0",
        ),
        (
            "The source text is believed to be in the United States public domain. The contributors dedicate their "
            "contributions to the public domain via the CC0 1.0 Universal Public Domain Dedication.",
            "CC0-1.0 AND LicenseRef-PD-US",
        ),
        ("The text is licensed under CC BY 4.0.\n\nThe code samples are licensed under the MIT license.", "CC-BY-4.0"),
        ("All stories are licensed under CC BY or CC BY-NC.", "LicenseRef-CC-BY AND LicenseRef-CC-BY-NC"),
        ("Nothing is said here.", None),
    ],
)
def test_a_license_text_grants(text: str, license: str | None):
    assert granted(text) == license


@pytest.mark.parametrize(
    ("text", "license"),
    [
        ("<!-- SPDX-License-Identifier: CC-BY-SA-4.0 -->\n# Title\n\n" + LONG, "CC-BY-SA-4.0"),
        ("---\ntitle: A\nlicense: CC-BY-4.0\n---\n\n" + LONG, "CC-BY-4.0"),
        ("  BIP: 9\n  Status: Final\n  License: PD\n\n" + LONG, "LicenseRef-PD"),
        (LONG + "* License: [CC-BY]\n* Text: Somebody\n* Language: en\n", "LicenseRef-CC-BY"),
        (LONG + '<a rel="license" href="https://creativecommons.org/licenses/by/3.0/">x</a>', "CC-BY-3.0"),
        ("# T\n\n" + LONG + "## Copyright\n\nThis document has been placed in the public domain.\n", "LicenseRef-PD"),
        (
            "# T\n\n## A\n\n" + LONG + "## Licence\n\n[CC BY-SA 4.0](http://creativecommons.org/licenses/by-sa/4.0/)\n",
            "CC-BY-SA-4.0",
        ),
        ("*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\n" + LONG, "LicenseRef-PD-US"),
    ],
)
def test_a_document_states_its_license(text: str, license: str):
    assert license_of(text) == license


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        "# Licenses\n\nMany projects use the MIT license or the Apache License 2.0. Choose with care.\n\n" + LONG,
        "# T\n\n" + LONG + "Write this:\n\n```\nThis document has been placed in the public domain.\n```\n\n" + LONG,
        "# T\n\n" + LONG + "For example:\n\n    This document has been placed in the public domain.\n\n" + LONG,
        "# T\n\n" + LONG + "The photo is by A. Body, CC BY 2.0.\n",
    ],
)
def test_a_document_about_licenses_states_none(text: str):
    assert license_of(text) is None


def test_a_field_that_names_no_license_is_kept_as_it_is_written():
    assert license_of("---\ntitle: A\nlicense: ask me\n---\n\n" + LONG) == "ask me"


def test_longer_names_win_over_names_within_them():
    found = mentions("the Creative Commons Attribution-NonCommercial 4.0 License")
    assert [mention.license for mention in found] == ["CC-BY-NC-4.0"]


def said(license: str, nearness: Nearness, evidence: str = "e") -> Statement:
    return Statement(license=license, evidence=evidence, nearness=nearness)


def test_the_nearest_statement_speaks():
    weighed = weigh([said("MIT", Nearness.TREE), said("CC0-1.0", Nearness.DOCUMENT), said("ISC", Nearness.RECIPE)])
    assert (weighed.license, weighed.is_conflict) == ("CC0-1.0", False)


def test_equally_near_statements_that_differ_are_a_conflict():
    weighed = weigh([said("CC-BY-4.0", Nearness.TREE, "README"), said("Apache-2.0", Nearness.TREE, "LICENSE")])
    assert weighed.is_conflict
    assert weighed.evidence == "README says CC-BY-4.0; LICENSE says Apache-2.0"


def test_a_name_without_version_takes_that_of_one_that_agrees():
    weighed = weigh([said("LicenseRef-CC-BY", Nearness.DOCUMENT), said("CC-BY-3.0", Nearness.DOCUMENT, "index")])
    assert weighed.license == "CC-BY-3.0"
    assert not weighed.is_conflict


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("CC-BY-3.0", "CC-BY-4.0", True),
        ("CC-BY-4.0", "CC-BY-NC-4.0", False),
        ("CC-BY-4.0", "CC-BY-SA-4.0", False),
        ("GPL-2.0-only", "GPL-2.0-or-later", True),
        ("MIT", "MIT OR Apache-2.0", True),
        ("LicenseRef-PD", "CC0-1.0", True),
        ("MIT", "ISC", False),
    ],
)
def test_licenses_agree_versions_aside(one: str, other: str, same: bool):
    assert agree(one, other) is same


FILE = {"docs/a.md": b"# A\n\nWords.", "docs/b.md": b"# B\n\nOther words."}


def test_the_nearest_license_file_up_the_tree_holds(collected):
    files = {
        **FILE,
        "LICENSE": MIT.encode(),
        "docs/LICENSE.md": b"This work is licensed under CC BY 4.0.",
        "c.md": b"C",
    }
    corpus = collected(files)
    assert corpus.by_path["docs/a.md"].license == "CC-BY-4.0"
    assert corpus.by_path["c.md"].license == "MIT"
    assert corpus.by_path["c.md"].license_evidence == "LICENSE"


def test_a_readme_against_a_license_file_is_held_back(collected):
    files = {
        **FILE,
        "LICENSE": MIT.encode(),
        "README.md": b"# R\n\nThe guides are licensed under CC BY 3.0.",
        "x/LICENSE": MIT.encode(),
        "x/y.md": b"y",
    }
    corpus = collected(files)
    assert corpus.reason("docs/a.md") == "license_conflict"
    assert corpus.by_path["docs/a.md"].license_decision == "unknown"
    assert corpus.reason("x/y.md") == "kept"


def test_the_recipe_resolves_a_conflict_by_name(collected):
    files = {**FILE, "LICENSE": MIT.encode(), "README.md": b"# R\n\nThe guides are licensed under CC BY 3.0."}
    corpus = collected(files, resolve=[{"path": "docs/a.md", "license": "CC-BY-3.0"}])
    assert corpus.reason("docs/a.md") == "kept"
    assert corpus.by_path["docs/a.md"].license_evidence.startswith("recipe, resolving: README.md")
    assert corpus.reason("docs/b.md") == "license_conflict"


def test_two_named_license_files_are_a_choice(collected):
    apache = b"Licensed under the Apache License, Version 2.0."
    corpus = collected({**FILE, "LICENSE-MIT": MIT.encode(), "LICENSE-APACHE": apache})
    assert corpus.by_path["docs/a.md"].license == "MIT OR Apache-2.0"


def test_a_license_for_the_code_is_not_the_texts(collected):
    corpus = collected({**FILE, "LICENSE": b"This work is licensed under CC BY 4.0.", "LICENSE-CODE": MIT.encode()})
    assert corpus.by_path["docs/a.md"].license == "CC-BY-4.0"


def test_an_index_that_says_otherwise_is_a_conflict(collected):
    index = b"Name | License\n--- | ---\n0001 | [CC-BY](https://creativecommons.org/licenses/by/3.0/)\n"
    index += b"0002 | [CC-BY-NC](https://creativecommons.org/licenses/by-nc/3.0/)\n"
    tail = b"\n\n* License: [CC-BY]\n* Text: X\n"
    corpus = collected({"README.md": index, "0001_a.md": b"# A" + tail, "0002_b.md": b"# B" + tail})
    assert corpus.by_path["0001_a.md"].license == "CC-BY-3.0"
    assert corpus.reason("0002_b.md") == "license_conflict"


def test_a_package_states_the_rights_of_its_pages(collected):
    package = b"""<package xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:rights>This work is licensed under CC BY-SA 4.0</dc:rights></package>"""
    corpus = collected({"epub/content.opf": package, "epub/text/a.xhtml": b"<html><body><p>A</p></body></html>"})
    assert corpus.by_path["epub/text/a.xhtml"].license == "CC-BY-SA-4.0"
    assert corpus.by_path["epub/text/a.xhtml"].license_evidence == "epub/content.opf, dc:rights"


def test_a_debian_copyright_file_holds_by_pattern(collected):
    dep5 = b"Format: x\n\nFiles: *\nLicense: MIT\n\nFiles: docs/b*\nLicense: CC-BY-SA-4.0\n"
    corpus = collected({**FILE, ".reuse/dep5": dep5})
    assert corpus.by_path["docs/a.md"].license == "MIT"
    assert corpus.by_path["docs/b.md"].license == "CC-BY-SA-4.0"


def test_a_chapter_named_license_is_a_chapter(collected):
    chapter = b"# License\n\n" + b"The project chose its license long ago, and this is how that came about.\n\n" * 40
    corpus = collected({"LICENSE": MIT.encode(), "book/license.md": chapter})
    assert corpus.reason("book/license.md") == "kept"
    assert corpus.by_path["book/license.md"].license == "MIT"


def test_the_recipe_allows_and_denies_beyond_the_policy(collected):
    files = {"a.md": b"---\nx: y\nlicense: CC-BY-NC-4.0\n---\nA", "b.md": b"---\nx: y\nlicense: MIT\n---\nB"}
    corpus = collected(files, rules={"allow_licenses": ["CC-BY-NC-4.0"], "deny_licenses": ["MIT"]})
    assert corpus.reason("a.md") == "kept"
    assert corpus.reason("b.md") == "license_not_allowed"
