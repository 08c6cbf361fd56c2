"""A person's word on a fact is used, and shown as a person's word."""

from pathlib import Path

import pytest
from tests.audit.builder import open_subject

from glasswright.audit import audit_subject
from glasswright.audit.overrides import load_overrides
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
    ],
)
def test_an_overrides_file_that_is_wrong_is_refused_with_its_place(text: str, says: str, tmp_path: Path):
    with pytest.raises(Misuse, match=says):
        load_overrides(written(tmp_path, text))


def test_a_missing_overrides_file_is_misuse(tmp_path: Path):
    with pytest.raises(Misuse, match="cannot be read"):
        load_overrides(tmp_path / "none.yaml")
