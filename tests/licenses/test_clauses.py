"""Clauses that close a license, in texts written for these tests."""

from pathlib import Path

import pytest

from glasswright.licenses import find_clauses

LICENSE = (Path(__file__).resolve().parents[2] / "LICENSE").read_text()

CLOSED = """\
EXAMPLE COMMUNITY LICENSE

1. Rights.
  a. You are granted a license to use the Materials.
  b. Conditions.
    i. You shall prominently display a notice on your website.
    ii. Your use must adhere to the Acceptable Use Policy, which is hereby incorporated by reference.
    iii. You will not use the Materials or any output to improve any other large language model.

2. Scale. If your products have more than 50 million monthly active users, you must request a
license from the Licensor.

3. Territory. The rights are not granted to anyone domiciled in the European Union.

4. Use. You may use the Materials for non-commercial purposes. No military use or military purpose is allowed.

5. Control. The Licensor reserves the right to restrict (remotely or otherwise) usage of the Model.

6. You may not redistribute the Model.
"""


def test_every_kind_of_clause_is_found_with_section_and_line():
    found = {clause.id: clause for clause in find_clauses(CLOSED)}
    places = {name: (clause.section, clause.lines[0]) for name, clause in found.items()}
    assert places == {
        "naming_duty": ("1.b.i", 6),
        "acceptable_use_policy": ("1.b.ii", 7),
        "output_use": ("1.b.iii", 8),
        "user_threshold": ("2", 10),
        "separate_commercial_license": ("2", 10),
        "territory": ("3", 13),
        "non_commercial": ("4", 15),
        "field_of_use": ("4", 15),
        "remote_restriction": ("5", 17),
        "no_redistribution": ("6", 19),
    }


def test_a_clause_over_two_lines_names_both():
    clause = next(c for c in find_clauses(CLOSED) if c.id == "separate_commercial_license")
    assert clause.lines == (10, 11)


def test_safety_clauses_are_tolerated_by_the_ai_act_and_thresholds_are_not():
    judged = {clause.id: clause.disqualifies_eu for clause in find_clauses(CLOSED)}
    assert judged["user_threshold"]
    assert judged["non_commercial"]
    assert not judged["field_of_use"]
    assert not judged["acceptable_use_policy"]


@pytest.mark.parametrize(
    "harmless",
    [
        LICENSE,
        "You may use it for commercial or non-commercial purposes.",
        "3. Protecting users from anti-circumvention law.",
        "The trained model has 7 billion parameters and is loved by its users.",
        "You may distribute copies of the model, provided that you keep this notice.",
    ],
)
def test_an_open_text_has_no_closing_clause(harmless: str):
    assert find_clauses(harmless) == []


def test_a_clause_in_chinese_is_found():
    assert [c.id for c in find_clauses("3.限制\n您不得出于任何军事目的使用本软件。")] == ["field_of_use"]
