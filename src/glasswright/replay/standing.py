"""What a replay and a rebuild stand on: that the release is what its root says, by the checker's evidence."""

from pathlib import Path

from glasswright.errors import Unknown
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


def what_is_missing(evidence: Evidence) -> Unknown | None:
    """Why nothing can be run again here: a private release, in the copy for strangers, is without what was read."""
    if evidence.recipe().private is None:
        return None
    try:
        evidence.salt(), evidence.token_map(), evidence.states()
    except Unknown as missing:
        return missing
    return None


def unable(stands: Verdict, claim: str, missing: Unknown) -> Verdict:
    """The verdict of a run that could not begin."""
    told = Finding(claim=claim, answer=Answer.UNKNOWN, evidence=f"not run: {missing}", hint=missing.hint)
    return Verdict(
        subject=stands.subject,
        where=stands.where,
        findings=(*stands.findings, told),
        not_checked=stands.not_checked,
    )
