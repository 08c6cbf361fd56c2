"""Three answers: PROVED, REFUTED, UNKNOWN. Could-not-find-out is never success, and never an accusation."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Answer(StrEnum):
    """What a check found."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> int:
        return {"proved": 0, "refuted": 1, "unknown": 3}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One claim, the answer, and what the answer rests on."""

    claim: str  # a sentence that can be true or false
    answer: Answer
    evidence: str  # where one looked and what one saw
    hint: str | None = None
    place: dict[str, int | str] = field(default_factory=dict)  # where, in parts: file, step, tensor, index, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The findings of a check, and what it did not look at."""

    subject: str  # what the answer is about: of a release its root
    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...]
    where: str = ""  # the folder that was looked at

    @property
    def answer(self) -> Answer:
        """REFUTED if anything is; else UNKNOWN if anything is, or if nothing was checked; else PROVED."""
        return overall(finding.answer for finding in self.findings)

    def record(self) -> dict[str, Any]:
        return {**asdict(self), "answer": self.answer.value}


def overall(answers: Iterable[Answer]) -> Answer:
    """The answer to a claim that is the conjunction of others."""
    seen = set(answers)
    if Answer.REFUTED in seen:
        return Answer.REFUTED
    if Answer.UNKNOWN in seen or not seen:
        return Answer.UNKNOWN
    return Answer.PROVED
