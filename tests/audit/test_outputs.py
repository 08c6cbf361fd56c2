"""The forms in which a report is given."""

import json
from datetime import date
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.audit.builder import closed_subject, open_subject, write

from glasswright.audit import Report, audit_subject
from glasswright.audit.badge import VALID_DAYS, report_badge
from glasswright.audit.compare import comparison, comparison_text
from glasswright.audit.page import report_page
from glasswright.audit.sarif import report_sarif
from glasswright.audit.subject import load_folder
from glasswright.audit.text import fact_text, report_text

jsonschema = pytest.importorskip("jsonschema", reason="did not run: jsonschema is not installed")
DAY = date(2031, 5, 17)
SCHEMA = json.loads(resources.files("glasswright.audit").joinpath("report.schema.json").read_text())


@pytest.fixture
def closed(tmp_path: Path) -> Report:
    return audit_subject(load_folder(closed_subject(tmp_path)))


def test_the_record_is_as_its_schema_says(closed: Report):
    jsonschema.validate(closed.as_record(), SCHEMA)
    assert json.loads(json.dumps(closed.as_record())) == closed.as_record()


def test_a_record_that_is_not_so_is_refused_by_the_schema(closed: Report):
    record = closed.as_record()
    record["verdicts"]["osaid"]["status"] = "maybe"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, SCHEMA)


def test_without_quotes_no_text_of_others_is_in_the_record(closed: Report):
    record = closed.as_record(with_quotes=False)
    assert all(place["quote"] == "" for fact in record["facts"] for place in fact["evidence"])
    assert record["verdicts"]["label"]["publisher_evidence"]["quote"] == ""


def test_the_text_shows_every_rule_book_and_every_place(closed: Report):
    text = report_text(closed)
    for heading in (
        "Open Source AI Definition 1.0: refuted",
        "Model Openness Framework",
        "European",
        "EU AI Act",
        "Licenses, apart",
    ):
        assert heading in text
    assert "thicket__bramble/LICENSE-MODEL:5" in text
    assert max(map(len, text.splitlines())) <= 120


def test_a_fact_is_explained_with_quote_rule_and_strength(closed: Report):
    text = fact_text(closed.facts["clause.weights.user_threshold"])
    assert "LICENSE-MODEL:5" in text
    assert "10 million monthly active users" in text
    assert "[license.clause.user_threshold]" in text


def test_the_page_needs_nothing_from_anywhere(closed: Report):
    page = report_page(closed, DAY)
    for needed in ("<script", "src=", "href=", "@import", "url("):
        assert needed not in page
    assert "2031-05-17" in page


def test_the_page_shows_hostile_text_as_text(tmp_path: Path):
    text = "# x\n\nThe weights are licensed under the <script>alert(1)</script> Evil License.\n\nWe open <b>it</b>.\n"
    report = audit_subject(load_folder(write(tmp_path, {"org__x/README.md": text, "org__x/<img src=x>.py": ""})))
    page = report_page(report, DAY)
    assert "<script" not in page
    assert "<img" not in page


def test_the_badge_is_dated_and_expires(closed: Report):
    badge = report_badge(closed, DAY)
    ElementTree.fromstring(badge)
    assert "2031-05-17" in badge
    assert VALID_DAYS == 180
    assert "expires 2031-11-13" in badge
    assert "restricted weights" in badge


def test_sarif_has_a_result_for_each_refuted_claim_at_its_line(closed: Report):
    (run,) = report_sarif(closed)["runs"]
    results = {result["ruleId"]: result for result in run["results"]}
    clause = results["licenses,-apart/clause:-user-threshold"]
    assert clause["level"] == "error"
    assert clause["locations"][0]["physicalLocation"]["region"] == {"startLine": 5, "endLine": 5}
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == set(results)


def test_a_comparison_has_the_same_claims_for_each(tmp_path: Path):
    reports = [
        audit_subject(load_folder(make(tmp_path / name))) for name, make in (("a", open_subject), ("b", closed_subject))
    ]
    rows = {(group, claim): answers for group, claim, answers in comparison(reports)}
    assert rows["Open Source AI Definition 1.0", "the definition"] == ["proved", "refuted"]
    assert rows["The word for it", "what the evidence supports"] == ["open source", "restricted weights"]
    assert "open source" in comparison_text(reports)
