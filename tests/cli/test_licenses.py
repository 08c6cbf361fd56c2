"""A license under which nothing would be kept is said before any document is read."""

import pytest

from glasswright.cli.licenses import require_open, say_what_closes
from glasswright.errors import Misuse
from glasswright.recipe import parse


@pytest.mark.parametrize(
    ("name", "said", "hint"),
    [
        ("CC BY 4.0", "expected an SPDX expression", "did you mean CC-BY-4.0?"),
        ("Foo-1.0", "expected an SPDX expression", "SPDX knows no such license"),
        ("MIT AND", "expected an SPDX expression", "SPDX knows no such license"),
        ("", "expected an SPDX expression", "SPDX knows no such license"),
        ("CC-BY-NC-4.0", "no document is kept under it", "`allow_licenses`"),
        ("MIT AND CC-BY-ND-4.0", "no document is kept under it", "`allow_licenses`"),
        ("LicenseRef-mine", "no document is kept under it", "`allow_licenses`"),
    ],
)
def test_a_license_under_which_nothing_is_kept_is_refused(name: str, said: str, hint: str):
    with pytest.raises(Misuse, match=f"--license {name}: {said}") as caught:
        require_open(name)
    assert hint in str(caught.value.hint)


@pytest.mark.parametrize("name", [None, "CC-BY-4.0", "mit", "OpenMDW-1.0", "CC-BY-NC-4.0 OR CC0-1.0"])
def test_a_license_under_which_documents_are_kept_is_taken(name: str | None):
    require_open(name)


def test_a_source_that_keeps_only_what_states_its_own_license_is_named(capsys: pytest.CaptureFixture[str]):
    sources = {"open": "MIT", "closed": "CC-BY-NC-4.0", "allowed": "CC-BY-ND-4.0", "denied": "GPL-3.0-only"}
    rows = "".join(
        f"  - {{name: {name}, kind: folder, path: x, license: {given}}}\n" for name, given in sources.items()
    )
    rules = "corpus: {allow_licenses: [CC-BY-ND-4.0], deny_licenses: [GPL-3.0-only]}\n"
    say_what_closes(parse(f"name: x\nsources:\n  - {{name: docs, kind: python-docs}}\n{rows}{rules}", "r.yaml"))
    assert capsys.readouterr().err == (
        "closed: documents that state no license are not kept, for CC-BY-NC-4.0 is not allowed\n"
        "denied: documents that state no license are not kept, for GPL-3.0-only is not allowed\n"
    )
