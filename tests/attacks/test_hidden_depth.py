"""A file that nobody listed, deeper than a folder is walked: what was not looked at is not taken for nothing."""

from pathlib import Path

from glasswright.foreign.folders import MAX_DEPTH
from glasswright.records.verdict import Answer
from glasswright.verify import check


def test_hidden_depth(release: Path) -> None:
    deep = release.joinpath("model", *"d" * MAX_DEPTH)
    deep.mkdir(parents=True)
    (deep / "more.txt").write_text("hello")
    verdict = check(release)
    assert verdict.answer is Answer.UNKNOWN
    assert any(f"more than {MAX_DEPTH} folders deep" in finding.evidence for finding in verdict.findings)
