"""docs/audits: an audit as a record that can be cited, with its date, digest, history and disputes."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.audit_agreement.audits import write_audits
from tests.audit.builder import LICENSE, MODEL_LICENSE, closed_subject, write

from glasswright.audit import audit_subject
from glasswright.audit.subject import load_folder

FIRST, SECOND = date(2031, 5, 17), date(2031, 6, 1)
AUDITS = Path(__file__).resolve().parents[2] / "docs/audits"
DISPUTE = """\
by: Jane Doe, example.org
facts:
  - id: license_open.weights
    status: unknown
    reason: the license is being changed
    evidence: https://example.org/notice
"""


def written(folder: Path, out: Path, today: date) -> tuple[dict[str, Any], str]:
    """The record and the page of one model."""
    write_audits({"bramble": audit_subject(load_folder(folder))}, out, today)
    return json.loads((out / "bramble.json").read_text()), (out / "bramble.md").read_text()


def subject(folder: Path) -> Path:
    """A closed model at a commit."""
    return write(closed_subject(folder), {"SOURCE.md": f"- GitHub thicket/bramble @ {'ab' * 20}\n"})


def test_a_record_says_what_was_read_when_and_by_whom(tmp_path: Path):
    record, page = written(subject(tmp_path / "s"), tmp_path / "out", FIRST)
    assert record["snapshots"][0]["commit"] == "ab" * 20
    assert record["audited_on"] == "2031-05-17"
    assert record["report_sha256"] == audit_subject(load_folder(tmp_path / "s")).digest()
    assert record["answers"]["many_users.weights"] == "no"
    for told in ("2031-05-17", record["report_sha256"], "ab" * 6, "[bramble.json](bramble.json)"):
        assert told in page
    assert "[bramble](bramble.md)" in (tmp_path / "out/index.md").read_text()


def test_a_place_of_a_record_leads_to_its_lines(tmp_path: Path):
    record, page = written(subject(tmp_path / "s"), tmp_path / "out", FIRST)
    address = f"https://github.com/thicket/bramble/blob/{'ab' * 20}/LICENSE-MODEL#L5"
    (fact,) = (f for f in record["facts"] if f["id"] == "clause.weights.user_threshold")
    assert fact["places"][0]["address"] == address
    assert f"[`thicket__bramble/LICENSE-MODEL:5`]({address})" in page


def test_no_text_of_others_is_in_a_record(tmp_path: Path):
    added = "Whoever copies the Software shall praise its authors in every talk that they give about it."
    folder = write(subject(tmp_path / "s"), {"thicket__bramble/LICENSE": f"{LICENSE}\n\n{added}\n"})
    record, page = written(folder, tmp_path / "out", FIRST)
    for text in (json.dumps(record, ensure_ascii=False), page):
        assert "praise its authors" not in text
        for line in filter(None, (*MODEL_LICENSE.splitlines(), *LICENSE.splitlines())):
            assert len(line) < 30 or line.strip() not in text


def test_the_date_stays_until_something_changes_and_then_there_is_history(tmp_path: Path):
    folder, out = subject(tmp_path / "s"), tmp_path / "out"
    first, _ = written(folder, out, FIRST)
    again, _ = written(folder, out, SECOND)
    assert again == first
    write(folder, {"thicket__bramble/LICENSE-MODEL": LICENSE})
    changed, page = written(folder, out, SECOND)
    assert changed["audited_on"] == "2031-06-01"
    assert [was["audited_on"] for was in changed["history"]] == ["2031-05-17"]
    assert changed["history"][0]["answers"] == first["answers"]
    assert "many_users.weights was no" in page


def test_a_dispute_counts_and_stands_beside_what_was_found(tmp_path: Path):
    folder, out = subject(tmp_path / "s"), tmp_path / "out"
    first, _ = written(folder, out, FIRST)
    write(out, {"disputes/bramble.yaml": DISPUTE})
    record, page = written(folder, out, SECOND)
    assert record["disputes"][0]["by"] == "Jane Doe, example.org"
    assert record["report_sha256"] != first["report_sha256"]
    assert "says Jane Doe, example.org: the license is being changed" in page
    assert str(tmp_path) not in page


def test_a_page_shows_hostile_text_as_text(tmp_path: Path):
    name = "thicket__b<img src=x>\x1b[31m"
    write(tmp_path / "s", {f"{name}/README.md": "# x\n\nThe weights are under the <script>Evil License.\n"})
    _, page = written(tmp_path / "s", tmp_path / "out", FIRST)
    assert "\x1b" not in page
    assert not re.search(r"<(?!br>)", re.sub("`[^`]*`", "", page))  # what stands in backticks is code, and no tag


def test_every_audit_of_the_repository_is_a_page_and_a_record():
    pages = {path.stem for path in AUDITS.glob("*.md")} - {"index", "agreement", "attacks"}
    records = {path.stem: json.loads(path.read_text()) for path in AUDITS.glob("*.json")}
    cited = {name for name, record in records.items() if record.get("schema") == "glasswright/audit-of-record/1"}
    assert pages == cited
