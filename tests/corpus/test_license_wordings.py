"""Sentences that take rights away, beside an open LICENSE: none of the documents may be allowed."""

from pathlib import Path

import pytest
from tests.corpus.test_evidence_attacks import MIT, PAGE, WORDS, row_of, rows_of
from tests.licenses.wordings import FREE, FRESH, HELD_OUT, LATER, SEEN

from glasswright.licenses.languages import Language, languages
from glasswright.records.ledger import LedgerRow

PLACES = {
    "readme": lambda said: {"README.md": f"# The book\n\n{WORDS}{said}\n"},
    "license section": lambda said: {"README.md": f"# The book\n\n{WORDS}## License\n\nMIT License. {said}\n"},
    "foot of the page": lambda said: {PAGE: f"# A\n\n{WORDS * 9}---\n\n{said}\n"},
    "license file": lambda said: {"LICENSE": f"{MIT}\n{said}\n"},
}
GROUPS = {"seen": SEEN, "held out": HELD_OUT, "later": LATER}
BY_LANGUAGE = [(group, language) for group, wordings in GROUPS.items() for language in wordings]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("group", "language"), BY_LANGUAGE)
def test_a_restrictive_wording_is_never_allowed(tmp_path: Path, group: str, language: str, place: str):
    wordings = GROUPS[group][language]
    rows = [row_of(tmp_path / str(i), PLACES[place](said)) for i, said in enumerate(wordings)]
    allowed = [said for said, row in zip(wordings, rows, strict=True) if row.license_decision == "allow"]
    assert allowed == []


@pytest.mark.parametrize("language", FRESH)
def test_what_stands_under_a_heading_about_the_license_is_understood_or_not_allowed(tmp_path: Path, language: str):
    under_a_title = PLACES["license section"]
    rows = {said: row_of(tmp_path / str(i), under_a_title(said)) for i, said in enumerate(FRESH[language])}
    assert [said for said, row in rows.items() if row.license_decision == "allow"] == []


@pytest.mark.parametrize("language", FREE)
def test_what_gives_is_allowed_under_a_heading_about_the_license(tmp_path: Path, language: str):
    under_a_title = PLACES["license section"]
    rows = {said: row_of(tmp_path / str(i), under_a_title(said)) for i, said in enumerate(FREE[language])}
    assert [said for said, row in rows.items() if row.license_decision != "allow"] == []


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.name)
def test_what_gives_a_license_whole_is_allowed(tmp_path: Path, language: Language):
    for number, said in enumerate(language.free):
        row = row_of(tmp_path / str(number), {"README.md": f"# The book\n\n{WORDS}{said}\n", "LICENSE": MIT})
        assert row.license_decision != "deny", said
        assert "LicenseRef-unread" not in str(row.license), said


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.name)
def test_a_statement_of_grant_is_read_in_every_language(tmp_path: Path, language: Language):
    (said,) = [said for said in language.free if "CC BY" in said or "Creative Commons" in said]
    row = row_of(tmp_path, {"README.md": f"# The book\n\n{WORDS}{said}\n", "LICENSE": ""})
    assert row.license_decision == "allow"
    assert str(row.license).startswith("CC-BY")


def test_a_sentence_about_licenses_that_nobody_reads_is_quoted_and_not_allowed(tmp_path: Path):
    row = row_of(tmp_path, {"README.md": f"# The book\n\n{WORDS}Die Lizenz richtet sich nach der Wetterlage.\n"})
    assert row.license_decision == "unknown"
    assert "nach der Wetterlage" in str(row.license_evidence)


def test_the_shared_cases_are_not_allowed(shared_data: Path):
    folders = [
        folder
        for kind in ("license_nc_languages", "license_english")
        for folder in sorted((shared_data / "cases/corpus" / kind).glob("*"))
    ]
    if not folders:
        pytest.skip("did not run: no cases among the shared data")
    allowed = [folder.name for folder in folders if row_of_doc(folder).license_decision == "allow"]
    assert allowed == []


@pytest.mark.parametrize(
    ("name", "license"),
    [
        ("de_open", "CC-BY-SA-4.0"),
        ("fr_open", "CC-BY-4.0"),
        ("open_fr", "CC-BY-SA-4.0"),
        ("fr_lo", "etalab-2.0"),
        ("us_gov", "LicenseRef-PD-US"),
    ],
)
def test_the_shared_open_cases_are_recognized(shared_data: Path, name: str, license: str):
    folder = shared_data / "cases/corpus/license_missed_open" / name
    if not folder.is_dir():
        pytest.skip("did not run: no cases among the shared data")
    assert row_of_doc(folder).license == license


def row_of_doc(folder: Path) -> LedgerRow:
    """The row of doc.md in a folder of cases, as it is."""
    return rows_of(folder)["doc.md"]
