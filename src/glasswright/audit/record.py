"""What an audit records: facts, each resting on evidence, with three answers and four kinds of not knowing.

status   proved | refuted | unknown
gap      why a fact is not proved:
           missing      the place where it would be was read, and it is not there
           unlicensed   it is there, and nobody says under which terms
           unreachable  the evidence points to a place that this audit cannot read
           unchecked    nothing in the evidence speaks of it, or what speaks of it could not be read
strength what it rests on, at best:
           direct       a file, a listing or a field that is itself the thing
           said         sentences about it, and nothing else
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

Status = Literal["proved", "refuted", "unknown"]
Gap = Literal["missing", "unlicensed", "unreachable", "unchecked"]
Strength = Literal["direct", "said"]

QUOTE_LENGTH = 200

# The components that facts are gathered for: the Model Openness Framework's seventeen, and what the other rules need.
COMPONENTS: dict[str, str] = {
    "architecture_code": "code",
    "training_code": "code",
    "inference_code": "code",
    "evaluation_code": "code",
    "preprocessing_code": "code",
    "supporting_libraries": "code",
    "final_parameters": "weights",
    "intermediate_parameters": "weights",
    "tokenizer": "weights",
    "model_metadata": "data",
    "datasets_base": "data",
    "datasets_tuning": "data",
    "evaluation_data": "data",
    "model_card": "document",
    "data_card": "document",
    "technical_report": "document",
    "research_paper": "document",
    "evaluation_results": "document",
    "sample_outputs": "document",
    "hardware_description": "document",
    "architecture_description": "document",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One place that speaks for or against a fact."""

    file: str  # snapshot/path
    lines: tuple[int, int] | None  # None: the file being there is the evidence
    quote: str
    rule: str
    strength: Strength = "direct"  # a passage of prose says "said"

    def __post_init__(self) -> None:
        if self.lines is not None and not 1 <= self.lines[0] <= self.lines[1]:
            raise ValueError(f"lines: expected first <= last from 1, got {self.lines}")

    def as_record(self, *, with_quotes: bool = True) -> dict[str, Any]:
        """The JSON form."""
        return {
            "file": self.file,
            "lines": list(self.lines) if self.lines else None,
            "quote": self.quote if with_quotes else "",
            "rule": self.rule,
            "strength": self.strength,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is so, is not so, or could not be found out."""

    id: str
    status: Status
    value: str | None = None
    license: str | None = None
    evidence: tuple[Evidence, ...] = ()
    gap: Gap | None = None
    note: str = ""
    overridden_by: str | None = None  # who stated it by hand

    def __post_init__(self) -> None:
        if self.status == "proved" and self.gap is not None:
            raise ValueError(f"{self.id}: a proved fact has no gap")
        if self.status == "unknown" and self.gap is None:
            raise ValueError(f"{self.id}: an unknown fact says why it is unknown")

    @property
    def strength(self) -> Strength | None:
        """That of its strongest evidence; None without any: what is absent is no evidence."""
        if not self.evidence:
            return None
        return "direct" if any(e.strength == "direct" for e in self.evidence) else "said"

    def as_record(self, *, with_quotes: bool = True) -> dict[str, Any]:
        """The JSON form."""
        return {
            "id": self.id,
            "status": self.status,
            "value": self.value,
            "license": self.license,
            "evidence": [e.as_record(with_quotes=with_quotes) for e in self.evidence],
            "strength": self.strength,
            "gap": self.gap,
            "note": self.note,
            "overridden_by": self.overridden_by,
        }


class Facts:
    """The facts of one subject, by id; what nobody stated is unknown and unchecked."""

    def __init__(self, facts: list[Fact]):
        self._by_id = {fact.id: fact for fact in facts}

    def __getitem__(self, fact_id: str) -> Fact:
        return self._by_id.get(fact_id) or unchecked(fact_id)

    def __iter__(self) -> Any:
        return iter(self._by_id.values())

    def with_fact(self, fact: Fact) -> "Facts":
        """The same facts with one put in or replaced."""
        return Facts(list((self._by_id | {fact.id: fact}).values()))

    def proved(self, fact_id: str) -> bool:
        """True if the fact is proved."""
        return self[fact_id].status == "proved"

    def refuted(self, fact_id: str) -> bool:
        """True if the fact is refuted."""
        return self[fact_id].status == "refuted"


def unchecked(fact_id: str, note: str = "nothing in the evidence speaks of it") -> Fact:
    """The fact that nothing was found out."""
    return Fact(id=fact_id, status="unknown", gap="unchecked", note=note)


def shorten(text: str, limit: int = QUOTE_LENGTH) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def with_id(fact: Fact, fact_id: str) -> Fact:
    """The same finding under another id."""
    return replace(fact, id=fact_id)
