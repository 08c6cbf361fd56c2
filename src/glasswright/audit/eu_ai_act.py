"""EU AI Act: does the open-source exemption of Art. 53(2) hold, and what do Art. 53(1)(c)-(d) still ask for?

The exemption frees from 53(1)(a)-(b) only. By the Commission's guidelines the license must allow access, use,
modification and redistribution; non-commercial or research-only terms, no redistribution, thresholds and separate
commercial licenses disqualify; proportionate safety restrictions are tolerated. Weights, architecture and usage
information must be public, without monetisation. A model with systemic risk is never exempt.
"""

from dataclasses import dataclass

from glasswright.audit.osaid import all_of
from glasswright.audit.record import Facts, Status

NEVER_CHECKED = (
    "unchecked: whether the model poses systemic risk (Art. 51), which ends the exemption",
    "unchecked: whether access is monetised",
)


@dataclass(frozen=True, slots=True)
class EuAiAct:
    """The exemption, and the duties that stay."""

    exemption_53_2: Status
    reasons: tuple[str, ...]
    duties: dict[str, Status]
    facts: tuple[str, ...]


def judge_eu(facts: Facts) -> EuAiAct:
    """Answer the exemption and the two duties."""
    parts: list[tuple[Status, str]] = [_license(facts), *_public(facts)]
    disqualifying = [f for f in facts if f.id.startswith("clause.weights.") and f.note.startswith("disqualifies")]
    reasons = [f"{status}: {reason}" for status, reason in parts] + [f"refuted: {f.value} ({f.id})" for f in disqualifying]
    duties = {"copyright_policy_53_1_c": _duty("copyright_policy.present", facts), "training_summary_53_1_d": _duty("training_summary.present", facts)}
    reasons += [f"{status}: {name.replace('_', ' ')}, which is asked for in any case" for name, status in duties.items()]
    ids = ("license_open.weights", "final_parameters.present", "final_parameters.access", "architecture_code.present", "inference_code.present")
    return EuAiAct(all_of([status for status, _ in parts]), (*reasons, *NEVER_CHECKED), duties, (*ids, *(f.id for f in disqualifying)))


def _license(facts: Facts) -> tuple[Status, str]:
    disqualifying = [f for f in facts if f.id.startswith("clause.weights.") and f.note.startswith("disqualifies")]
    tolerated = [f for f in facts if f.id.startswith("clause.weights.") and not f.note.startswith("disqualifies")]
    open_license = facts["license_open.weights"]
    if disqualifying:
        return "refuted", "the license of the weights has disqualifying terms"
    if open_license.status == "proved":
        return "proved", f"the weights are under {open_license.value}"
    if open_license.status == "refuted" and tolerated:
        return "unknown", "the license restricts use; whether proportionately is for a person to judge"
    if open_license.status == "refuted":
        return "unknown", f"the license of the weights, {open_license.value}, is none of the open ones and its terms were not read"
    return "unknown", f"license of the weights: {open_license.note}"


def _public(facts: Facts) -> list[tuple[Status, str]]:
    weights = facts["final_parameters.present"]
    design: Status = "proved" if facts.proved("architecture_code.present") or facts.proved("architecture_description.present") else "unknown"
    usage: Status = "proved" if facts.proved("inference_code.present") or facts.proved("model_card.present") else "unknown"
    gated = facts["final_parameters.access"].value == "gated"
    public: Status = "unknown" if weights.status == "proved" and gated else weights.status
    return [
        (public, "weights are public" + (", on request only" if gated else "")),
        (design, "information on the architecture is public"),
        (usage, "information on usage is public"),
    ]


def _duty(fact_id: str, facts: Facts) -> Status:
    return facts[fact_id].status
