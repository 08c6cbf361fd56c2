"""The honest word for a model beside the publisher's own, and whether the difference is open-washing.

    open source          the Open Source AI Definition is proved
    open weights         the weights are there under an open license, and no more is proved
    restricted weights   the weights are there under a license that closes something
    closed               the weights are not released
    unknown              the evidence does not decide between them

The publisher's word is taken from its own documents. A word that promises more than the honest one is open-washing;
"open" alone promises nothing in particular, so it accuses nobody.
"""

from dataclasses import dataclass
from typing import Literal

from glasswright.audit.osaid import Osaid
from glasswright.audit.record import Evidence, Facts, Status

Word = Literal["open source", "open weights", "restricted weights", "closed", "unknown"]

# How much a word promises. Whoever calls it "open" and has it open is right; whoever has not is not proved wrong.
PROMISE = {"open source": 3, "open": 2, "open weights": 2, "restricted weights": 1, "closed": 0}


@dataclass(frozen=True, slots=True)
class Label:
    """Two words and the place where the publisher's was said."""

    ours: Word
    publisher: str | None
    publisher_evidence: tuple[Evidence, ...]
    openwashing: Status
    reason: str


def judge_label(facts: Facts, osaid: Osaid) -> Label:
    """Compare the two words."""
    ours = _ours(facts, osaid)
    claim = facts["publisher.claim"]
    if claim.status != "proved" or claim.value is None:
        return Label(ours, None, (), "unknown", "the publisher's own word was not found in the evidence")
    washing, reason = _compare(claim.value, ours, osaid)
    return Label(ours, claim.value, claim.evidence, washing, reason)


def _ours(facts: Facts, osaid: Osaid) -> Word:
    if osaid.status == "proved":
        return "open source"
    if facts.refuted("final_parameters.present"):
        return "closed"
    if not facts.proved("final_parameters.present"):
        return "unknown"
    if facts.refuted("license_open.weights"):
        return "restricted weights"
    if facts.proved("license_open.weights") and osaid.requirements["freedoms"].status != "refuted":
        return "open weights"
    return "unknown"


def _compare(claimed: str, ours: Word, osaid: Osaid) -> tuple[Status, str]:
    if claimed == "open source" and osaid.status == "refuted":
        refuted = [name.replace("_", " ") for name, r in osaid.requirements.items() if r.status == "refuted"]
        return "proved", f"called open source; refuted: {', '.join(refuted)}"
    if claimed == "open source" and ours == "open weights":
        return "unknown", "it is open weights at least; whether it is open source, the evidence does not decide"
    if ours == "unknown":
        return "unknown", "the evidence does not decide what it is"
    if claimed == "open" and PROMISE[claimed] > PROMISE[ours]:
        return "unknown", f"called open, which may mean many things; it is {ours}"
    if PROMISE[claimed] > PROMISE[ours]:
        return "proved", f"called {claimed}; it is {ours}"
    return "refuted", f"called {claimed}, and it is {ours}"
