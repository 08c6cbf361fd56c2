"""The three answers of a scan, as findings."""

from glasswright.records.verdict import Answer, Finding


def proved(claim: str, evidence: str) -> Finding:
    """A rule has read it, and found what it looks for nowhere."""
    return Finding(claim=claim, answer=Answer.PROVED, evidence=evidence)


def refuted(claim: str, evidence: str, *, hint: str | None = None) -> Finding:
    """A rule has read it, and found what it looks for."""
    return Finding(claim=claim, answer=Answer.REFUTED, evidence=evidence, hint=hint)


def unknown(claim: str, evidence: str, *, hint: str | None = None) -> Finding:
    """Not all of it was read, or what was read can be either."""
    return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=evidence, hint=hint)
