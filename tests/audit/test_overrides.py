"""A person's word on a fact is used, and shown as a person's word."""

import os
from datetime import date
from pathlib import Path

import pytest
from tests.audit.builder import open_subject

from glasswright.audit import audit_subject
from glasswright.audit.overrides import load_overrides
from glasswright.audit.page import report_page
from glasswright.audit.subject import load_folder
from glasswright.audit.text import fact_text
from glasswright.errors import Misuse

DISPUTE = """\
by: Jane Doe
facts:
  - id: datasets_base.present
    status: refuted
    reason: the dataset was taken down
    evidence: https://example.org/notice
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "overrides.yaml"
    path.write_text(text)
    return path


def test_a_disputed_fact_changes_the_verdict_and_keeps_what_was_found(tmp_path: Path):
    subject = load_folder(open_subject(tmp_path / "s"))
    assert audit_subject(subject).osaid.status == "proved"
    report = audit_subject(subject, load_overrides(written(tmp_path, DISPUTE)))
    fact = report.facts["datasets_base.present"]
    assert report.osaid.status == "refuted"
    assert fact.overridden_by == "Jane Doe"
    assert fact.evidence[0].lines == (3, 3)
    assert len(fact.evidence) > 1
    assert "the audit had found: proved" in fact.note
    assert "stated by: Jane Doe" in fact_text(fact)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("facts: []\n", "expected the keys `by` and `facts`"),
        ("- a\n", "found list|found CommentedSeq"),
        (DISPUTE.replace("refuted", "false"), "status: expected one of proved, refuted, unknown"),
        (DISPUTE.replace("reason:", "because:"), "line 3: unknown key 'because'"),
        (DISPUTE.replace("    reason: the dataset was taken down\n", ""), "'reason' is missing"),
        ("by: [\n", "not YAML"),
        ("by: x\nfacts: []\n1: x\nb: y\n", "found by, facts, 1, b"),
        (DISPUTE + "    1: x\n", "unknown key 1"),
        ("by: 2026-99-99\nfacts: []\n", "not YAML"),
        ("[" * 50_000, "nested more than 8 deep"),
    ],
)
def test_an_overrides_file_that_is_wrong_is_refused_with_its_place(text: str, says: str, tmp_path: Path):
    with pytest.raises(Misuse, match=says):
        load_overrides(written(tmp_path, text))


def test_a_missing_overrides_file_is_misuse(tmp_path: Path):
    with pytest.raises(Misuse, match="no such file or folder"):
        load_overrides(tmp_path / "none.yaml")


@pytest.mark.timeout(30)
def test_an_overrides_file_that_is_a_pipe_is_misuse(tmp_path: Path):
    os.mkfifo(tmp_path / "overrides.yaml")
    with pytest.raises(Misuse, match="a pipe, where a plain file was expected"):
        load_overrides(tmp_path / "overrides.yaml")


@pytest.mark.parametrize("value", ["[1, 2]", "{a: b}", "1", "2026-03-01"])
def test_a_value_that_is_no_text_is_read_as_one(tmp_path: Path, value: str):
    subject = load_folder(open_subject(tmp_path / "s"))
    text = DISPUTE.replace("refuted", "proved") + f"    value: {value}\n    license: {value}\n"
    report = audit_subject(subject, load_overrides(written(tmp_path, text)))
    assert fact_text(report.facts["datasets_base.present"])
    assert report_page(report, date(2026, 1, 1))
