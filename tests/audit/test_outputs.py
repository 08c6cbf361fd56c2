"""The forms in which a report is given."""

import json
import re
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.audit.builder import MODEL_LICENSE, closed_subject, open_subject, write

from glasswright.audit import Report, audit_subject
from glasswright.audit.badge import VALID_DAYS, report_badge
from glasswright.audit.compare import comparison, comparison_text
from glasswright.audit.measured import measured
from glasswright.audit.page import report_page
from glasswright.audit.rows import LINEAGE, folded, report_rows
from glasswright.audit.sarif import report_sarif
from glasswright.audit.subject import load_folder
from glasswright.audit.text import columns, fact_text, report_text, wrapped

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
        "Licenses and their clauses",
        "What would settle the rest",
    ):
        assert heading in text
    assert "thicket__bramble/LICENSE-MODEL:5" in text
    assert "[clause.weights.user_threshold]" in text


def test_the_questions_come_before_the_rule_books(closed: Report):
    text = report_text(closed)
    assert text.index("May I use it commercially?") < text.index("The word for it") < text.index("EU AI Act")


@pytest.mark.parametrize("width", [20, 40, 41, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int, closed: Report, tmp_path: Path):
    chinese = f"# x\n\n{'本仓库的模型权重仅供学术研究，不得用于商业用途。' * 9}\n\nlicen{'s' * 300}e\n"
    other = audit_subject(load_folder(write(tmp_path / "c", {"a__b/README.md": chinese, "a__b/LICENSE": chinese})))
    for report in (closed, other):
        texts = [report_text(report, width=width), comparison_text([report, closed, other], width=width)]
        texts += [fact_text(fact, width=width) for fact in report.facts]
        assert max(columns(line) for text in texts for line in text.splitlines()) <= max(40, width)


def test_a_chinese_character_is_two_columns_wide_and_an_accent_none():
    assert (columns("中文"), columns("e\u0301"), columns("ｱa")) == (4, 1, 2)


def test_words_that_are_quoted_for_two_questions_stand_once(closed: Report):
    quote = next(a for a in closed.questions if a.id == "many_users").quotes[0]
    twice = replace(closed, questions=tuple(replace(a, quotes=(quote,)) for a in closed.questions))
    assert len(twice.questions) > 1
    assert " ".join(report_text(twice).split()).count(quote.words) == 1


def test_a_place_stands_once_in_a_row(tmp_path: Path):
    card = "---\nlicense: mit\nbase_model: meta-llama/Llama-3.1-8B\npipeline_tag: text-generation\n---\n\n# X\n"
    report = audit_subject(load_folder(write(tmp_path, {"a__b/README.md": card, "a__b/config.json": "{}"})))
    assert len(report.facts["license.weights"].evidence) > 1
    (row,) = (row for row in report_rows(report) if row.id == "license.weights")
    assert len(row.places) == 1


def test_wrapping_loses_no_word_and_cuts_only_what_no_line_holds():
    text = "a bb ccc " + "d" * 25 + " 中文字符 e"
    lines = wrapped(text, 10, "  ", "    ")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert max(map(columns, lines)) <= 10
    assert lines[0] == "  a bb ccc"


def test_claims_that_are_unknown_for_one_reason_stand_in_one_row(closed: Report):
    rows = [row for row in folded(report_rows(closed)) if "sample outputs" in row.claim]
    assert len(rows) == 1
    assert "," in rows[0].claim
    assert {fact for row in folded(report_rows(closed)) for fact in row.fact_ids} == {
        fact for row in report_rows(closed) for fact in row.fact_ids
    }


def test_parents_stand_with_their_license_and_what_it_asks_for(tmp_path: Path):
    card = "---\nlicense: apache-2.0\nbase_model: meta-llama/Llama-3.1-8B\npipeline_tag: text-generation\n---\n\n# X\n"
    report = audit_subject(load_folder(write(tmp_path, {"a__b/README.md": card, "a__b/config.json": "{}"})))
    rows = {row.id: row for row in report_rows(report) if row.group == LINEAGE}
    assert (rows["lineage.1"].claim, rows["lineage.1"].answer) == ("finetune of meta-llama/Llama-3.1-8B", "not open")
    assert rows["lineage.1.duty.name"].answer == "unmet"
    assert '<td class="verdict bad">unmet</td>' in report_page(report, DAY)


def test_a_model_of_whose_parents_nothing_is_known_says_so(closed: Report):
    (row,) = (row for row in report_rows(closed) if row.group == LINEAGE)
    assert (row.claim, row.answer) == ("parents", "unknown")


def test_a_clause_stands_once_with_the_scopes_that_it_binds(tmp_path: Path):
    terms = "Both the code and the model weights are released under the [License](LICENSE).\n"
    write(tmp_path, {"a__b/README.md": f"# X\n\n## License\n\n{terms}", "a__b/LICENSE": MODEL_LICENSE})
    report = audit_subject(load_folder(tmp_path))
    rows = [row for row in report_rows(report) if row.id == "clause.user_threshold"]
    assert [row.answer for row in rows] == ["weights, code"]


def test_a_fact_is_explained_with_quote_rule_and_strength(closed: Report):
    text = fact_text(closed.facts["clause.weights.user_threshold"])
    assert "LICENSE-MODEL:5" in text
    assert "10 million monthly active users" in text
    assert "[license.clause.user_threshold]" in text


def test_the_page_needs_nothing_from_anywhere(closed: Report):
    page = report_page(closed, DAY)
    for needed in ("<script", "src=", "@import", "url(", "<link"):
        assert needed not in page
    assert set(re.findall('href="(.)', page)) == {"#"}
    assert "2031-05-17" in page


def test_the_page_leads_to_the_lines_at_the_commit_and_inside_itself_to_facts(tmp_path: Path):
    closed_subject(tmp_path)
    write(tmp_path, {"SOURCE.md": f"- GitHub thicket/bramble @ {'ab' * 20}\n"})
    report = audit_subject(load_folder(tmp_path))
    page = report_page(report, DAY)
    lines = f"https://github.com/thicket/bramble/blob/{'ab' * 20}/LICENSE-MODEL#L5"
    assert lines in [clause["address"] for asked in report.as_record()["questions"] for clause in asked["clauses"]]
    assert f'<a href="{lines}">thicket__bramble/LICENSE-MODEL:5</a>' in page
    named = set(re.findall('href="#([^"]+)"', page))
    assert "fact.clause.weights.user_threshold" in named
    assert named <= set(re.findall('id="([^"]+)"', page))


def test_that_a_clause_is_proved_is_no_bad_news_in_colour(closed: Report):
    page = report_page(closed, DAY)
    assert re.search('<code>clause.weights.user_threshold</code> <b class="">proved</b>', page)
    assert re.search('<code>license_open.code</code> <b class="good">proved</b>', page)


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
    assert f"sha256:{closed.digest()}" in badge


def test_the_badge_leads_to_its_report_else_to_what_was_audited(closed: Report, tmp_path: Path):
    assert "<a " not in report_badge(closed, DAY)
    assert '<a href="r&amp;.html">' in report_badge(closed, DAY, "r&.html")
    write(closed_subject(tmp_path / "s"), {"SOURCE.md": f"- GitHub thicket/bramble @ {'ab' * 20}\n"})
    linked = report_badge(audit_subject(load_folder(tmp_path / "s")), DAY)
    ElementTree.fromstring(linked)
    assert f'<a href="https://github.com/thicket/bramble/tree/{"ab" * 20}">' in linked


def test_the_digest_is_the_same_whenever_the_auditor_was_measured(closed: Report, monkeypatch: pytest.MonkeyPatch):
    before = closed.digest()
    monkeypatch.setattr("glasswright.audit.report.measured", lambda: {"held_out": {}})
    assert closed.as_record()["measured"] == {"held_out": {}}
    assert closed.digest() == before


def test_the_figures_of_first_sight_are_those_that_are_shipped():
    shipped = json.loads(resources.files("glasswright.audit").joinpath("agreement.json").read_text())["first_sight"]
    for name, figures in (measured() or {}).items():
        assert (figures["labels"], figures["agree"]) == (shipped[name]["labels"], shipped[name]["agree"])
    assert set(measured() or {}) == {"held_out", "fresh"}


@pytest.mark.parametrize(
    ("figures", "says"),
    [
        (None, "not measured"),
        ({"held_out": {"models": 2, "labels": 40, "answered": 30, "agree": 27, "macro_f1": 0.876}}, "3 (10%) not"),
        ({"fresh": {"models": 0, "labels": 0, "answered": 0, "agree": 0, "macro_f1": 0.0}}, "0 of 0 labels"),
    ],
)
def test_every_report_says_how_often_the_auditor_is_wrong(
    figures: dict[str, dict[str, object]] | None, says: str, closed: Report, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("glasswright.audit.measured.measured", lambda: figures)
    assert says in " ".join(report_text(closed).split())
    assert says in report_page(closed, DAY)


def test_the_digest_is_of_the_evidence_and_not_of_the_day(tmp_path: Path):
    one, two = (audit_subject(load_folder(closed_subject(tmp_path / name / "s"))) for name in "ab")
    assert one.digest() == two.digest()
    write(tmp_path / "b", {"s/thicket__bramble/train.py": ""})
    assert audit_subject(load_folder(tmp_path / "b/s")).digest() != one.digest()


def test_sarif_has_a_result_for_each_refuted_claim_at_its_line(closed: Report):
    (run,) = report_sarif(closed)["runs"]
    results = {result["ruleId"]: result for result in run["results"]}
    clause = results["clause.user_threshold"]
    assert clause["level"] == "error"
    assert clause["locations"][0]["physicalLocation"]["region"] == {"startLine": 5, "endLine": 5}
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == set(results)


@pytest.fixture
def pair(tmp_path: Path) -> list[Report]:
    made = (("a", open_subject), ("b", closed_subject))
    return [audit_subject(load_folder(make(tmp_path / name))) for name, make in made]


def test_a_comparison_has_the_same_claims_for_each(pair: list[Report]):
    rows = {row.id: row.answers for row in comparison(pair)}
    assert rows["osaid"] == ("proved", "refuted")
    assert rows["label.ours"] == ("open source", "restricted weights")
    assert rows["many_users.weights"] == ("yes", "no")
    assert len(rows) == len(comparison(pair))


def test_claims_that_differ_come_first_and_those_that_do_not_share_a_paragraph(pair: list[Report]):
    differing, _, same = comparison_text(pair).partition("All of them")
    assert [row.claim for row in comparison(pair) if not row.differs and row.claim not in " ".join(same.split())] == []
    assert re.search(r"the definition +proved +refuted", differing)
    assert "sample outputs" not in differing


def test_a_matrix_that_does_not_fit_names_each_subject_by_its_letter(pair: list[Report]):
    text = comparison_text(pair * 5, width=40)
    assert "A proved; B refuted; C proved" in text
    assert comparison_text(pair * 20).splitlines()[27].startswith("AB")
