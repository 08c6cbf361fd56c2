"""Every row of the data on model licenses: its own examples, and that its words mean something."""

import re
from typing import Any

import pytest

from glasswright.audit.duty_rules import JUDGES
from glasswright.licenses import CLAUSES, is_open
from glasswright.licenses.duties import KINDS
from glasswright.licenses.model_licenses import Known, data, known_model, terms_of

ROWS: list[dict[str, Any]] = data()["models"]
LICENSES: dict[str, dict[str, Any]] = data()["licenses"]


@pytest.mark.parametrize(("name", "license"), [(name, row["under"]) for row in ROWS for name in row["like"]])
def test_a_model_is_under_the_license_of_its_row(name: str, license: str):
    known = known_model(name)
    assert known is not None
    assert (known.license, known.is_sure) == (license, True)


@pytest.mark.parametrize(("name", "license"), [(name, row["under"]) for row in ROWS for name in row.get("unlike", ())])
def test_a_model_of_another_row_is_not(name: str, license: str):
    known = known_model(name)
    assert known is None or (known.license, known.is_sure) != (license, True)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["like"][0])
def test_a_license_that_a_row_names_is_open_or_has_terms(row: dict[str, Any]):
    assert is_open(row["under"], "weights") or terms_of(row["under"]) is not None


@pytest.mark.parametrize("name", LICENSES)
def test_clauses_and_duties_are_ones_that_there_are(name: str):
    said = LICENSES[name]
    assert set(said["closes"]) <= {rule.id for rule in CLAUSES}
    assert ("duties" in said) != (said.get("duties_of") in LICENSES)
    duties = said.get("duties", {})
    assert set(duties) <= set(JUDGES)
    assert all("words" in asked for duty, asked in duties.items() if duty in ("notice", "display", "name"))


def test_a_license_may_ask_for_what_another_does():
    one, other = terms_of("LicenseRef-llama3.3"), terms_of("LicenseRef-llama3.1")
    assert one is not None
    assert other is not None
    assert [duty.id for duty in one.duties] == [duty.id for duty in other.duties] != []


@pytest.mark.parametrize("name", [name for name, said in LICENSES.items() if not said.get("is_spdx")])
def test_a_license_is_known_by_its_own_name(name: str):
    terms = terms_of(name)
    assert terms is not None
    assert terms.license == name


def test_a_name_that_somebody_else_gave_says_restricted_and_never_open():
    assert known_model("someone/tuned-llama3.1-8b") == Known("LicenseRef-llama3.1", is_sure=False)
    assert known_model("someone/Mistral-7B-v0.1") is None


def test_an_open_license_closes_nothing_and_asks_for_its_text():
    terms = terms_of("Apache-2.0")
    assert terms is not None
    assert (terms.closes, [duty.id for duty in terms.duties]) == ((), ["license_copy", "changes", "attribution"])


@pytest.mark.parametrize("name", [name for name, said in LICENSES.items() if not said.get("is_spdx")])
def test_words_that_are_asked_for_are_there_to_be_said(name: str):
    terms = terms_of(name)
    assert terms is not None
    for duty in terms.duties:
        assert bool(duty.words) == bool(duty.says)
        assert duty.words is None or duty.words.search(duty.says)


def test_every_kind_of_duty_that_a_license_asks_for_has_a_meaning():
    assert set(JUDGES) == set(KINDS)


def test_a_name_without_end_is_cut():
    assert known_model("a" * 10_000_000) is None


def test_a_pattern_of_spdx_names_keeps_the_name_that_was_asked_for():
    terms = terms_of("CC-BY-NC-SA-4.0")
    assert terms is not None
    assert terms.license == "CC-BY-NC-SA-4.0"
    assert re.search(terms.title, "under CC BY-NC 4.0")
