"""What a replay and a rebuild stand on: that the release is what its root says, by the checker's evidence."""

from pathlib import Path

from glasswright.records.progress import Report
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.verify.check import examine
from glasswright.verify.evidence import Evidence

CLAIM = "the release is what its root says"


def standing(release: Path, *, num_threads: int, report: Report) -> tuple[Evidence, Verdict]:
    """The evidence, and the checker's verdict: one finding where all is proved, else those that are not.

    Raises:  Misuse if the folder is no release.
    """
    evidence, verdict = examine(release, num_threads=num_threads, report=report)
    if verdict.answer is Answer.PROVED:
        found = f"{len(verdict.findings)} claims of `glasswright verify` proved; {verdict.subject}"
        findings: tuple[Finding, ...] = (Finding(claim=CLAIM, answer=Answer.PROVED, evidence=found),)
    else:
        findings = tuple(finding for finding in verdict.findings if finding.answer is not Answer.PROVED)
    return evidence, Verdict(
        subject=verdict.subject, where=verdict.where, findings=findings, not_checked=verdict.not_checked
    )
