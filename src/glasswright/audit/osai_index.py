"""The European Open Source AI Index: twelve dimensions, each open, partial, closed, or unknown.

Where the rubric and the evidence leave two classes open, the answer is unknown: a model card that stands on a page
outside the evidence, code that only runs the model (is that "sparse source code" or none?), a paper that is linked and
was not read.
"""

from dataclasses import dataclass
from typing import Literal

from glasswright.audit.record import Facts

Openness = Literal["open", "partial", "closed", "unknown"]

NEITHER_NOR = "no code for training or tuning; whether code that only runs the model is sparse or none is left open"

DIMENSIONS = (
    "datasources_basemodel",
    "datasources_endmodel",
    "weights_basemodel",
    "weights_endmodel",
    "trainingcode",
    "code",
    "hardware_architecture",
    "preprint",
    "paper",
    "modelcard",
    "datasheet",
    "licenses",
)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension's class, why, and the facts behind it."""

    openness: Openness
    reason: str
    facts: tuple[str, ...]


def judge_index(facts: Facts) -> dict[str, Dimension]:
    """All twelve dimensions."""
    return {
        "datasources_basemodel": _data("datasets_base.present", facts),
        "datasources_endmodel": _end_data(facts),
        "weights_basemodel": _weights("base_parameters.present", facts),
        "weights_endmodel": _end_weights(facts),
        "trainingcode": _training_code(facts),
        "code": _code_documentation(facts),
        "hardware_architecture": _hardware(facts),
        "preprint": _preprint(facts),
        "paper": _paper(facts),
        "modelcard": _model_card(facts),
        "datasheet": _datasheet(facts),
        "licenses": _licenses(facts),
    }


def _data(fact_id: str, facts: Facts) -> Dimension:
    fact = facts[fact_id]
    if fact.status == "proved":
        return Dimension("partial" if fact.value == "partly" else "open", fact.note, (fact_id,))
    if fact.status == "refuted" or fact.value in ("undisclosed", "size only"):
        return Dimension("closed", fact.note, (fact_id,))
    return Dimension("unknown", fact.note, (fact_id,))


def _end_data(facts: Facts) -> Dimension:
    """Where no tuned model is made, the end model is the base model."""
    base, tuning = facts["datasets_base.present"], facts["datasets_tuning.present"]
    if not facts.proved("tuned_parameters.present") and not tuning.evidence:
        return _data(base.id, facts)
    if tuning.value == "tuned" and _data(base.id, facts).openness == "closed":
        return Dimension("closed", "neither the base data nor that of the tuning is disclosed", (base.id, tuning.id))
    return _data(tuning.id, facts)


def _weights(fact_id: str, facts: Facts) -> Dimension:
    fact, access = facts[fact_id], facts["final_parameters.access"]
    ids = (fact_id, "final_parameters.access", "license_open.weights")
    if fact.status == "refuted":
        return Dimension("closed", fact.note, ids)
    if fact.status == "unknown":
        return Dimension("unknown", fact.note, ids)
    if access.value == "gated":
        return Dimension("partial", "access has to be asked for", ids)
    if access.value == "difference":
        return Dimension("partial", access.note, ids)
    if access.value == "public" or facts.proved("license_open.weights"):
        return Dimension("open", "", ids)
    if access.value != "linked":
        return Dimension("unknown", access.note, ids)
    return Dimension("open", "linked, and no request for access is mentioned", ids)


def _end_weights(facts: Facts) -> Dimension:
    if facts["tuned_parameters.present"].status == "unknown" and facts.proved("base_parameters.present"):
        return _weights("base_parameters.present", facts)
    return _weights("tuned_parameters.present", facts)


def _training_code(facts: Facts) -> Dimension:
    ids = (
        "training_code.present",
        "training_code.complete",
        "tuning_code.present",
        "preprocessing_code.present",
        "source_code.present",
        "datasets_tuning.present",
    )
    trains, tunes = (_is_in_files(f"{kind}_code.present", facts) for kind in ("training", "tuning"))
    if facts.refuted("source_code.present"):
        return Dimension("closed", "no source code in a whole listing", ids)
    if facts["datasets_base.present"].value == "of the parent" and (trains or tunes):
        processes = _is_in_files("preprocessing_code.present", facts)
        is_ready = facts["datasets_tuning.present"].value == "linked"  # as it is learned from
        note = "of what the makers did to another's model: tuning code, and " + (
            "data processing code" if processes else "the data as it was learned from" if is_ready else "no more"
        )
        return Dimension("open" if processes or is_ready else "partial", note, ids)
    if trains and facts.proved("training_code.complete"):
        return Dimension("open", "training and data processing code", ids)
    if trains:
        return Dimension("partial", f"training code; {facts['training_code.complete'].note}", ids)
    if tunes:
        return Dimension("partial", "code for tuning, none for pre-training", ids)
    return Dimension("unknown", NEITHER_NOR, ids)


def _is_in_files(fact_id: str, facts: Facts) -> bool:
    return facts.proved(fact_id) and facts[fact_id].strength == "direct"


def _code_documentation(facts: Facts) -> Dimension:
    """By the rubric it is the code of processing, training and tuning whose documentation counts."""
    ids = ("code_documentation.present", "training_code.present", "tuning_code.present", "source_code.present")
    documented = facts["code_documentation.present"]
    if facts.refuted("source_code.present"):
        return Dimension("closed", "no source code, so none is documented", ids)
    if documented.status != "proved":
        return Dimension("unknown", "no documentation of code was found in the evidence", ids)
    code = _training_code(facts)
    if code.openness == "unknown":
        return Dimension("unknown", NEITHER_NOR, ids)
    if documented.value != "usage only" and code.openness == "open":
        return Dimension("open", "all of the training code, with documentation", ids)
    return Dimension("partial", "some of the code is documented, not every step", ids)


def _hardware(facts: Facts) -> Dimension:
    ids = ("hardware_description.present", "architecture_description.present")
    hardware, design = facts.proved(ids[0]), facts[ids[1]]
    if hardware and design.value == "with numbers":
        return Dimension("open", "training hardware, and the design in numbers", ids)
    if hardware or design.value == "with numbers":
        return Dimension(
            "partial", "training hardware" if hardware else "the design in numbers, no training hardware", ids
        )
    return Dimension("unknown", "little or nothing of either is in the evidence; a report outside it may tell", ids)


def _preprint(facts: Facts) -> Dimension:
    """A paper lies outside the evidence: that it is cited is known, what it details is not."""
    if facts.proved("research_paper.present"):
        return Dimension(
            "unknown", "a preprint is cited; how much it details was not read", ("research_paper.present",)
        )
    return Dimension("unknown", "no preprint in the evidence", ("research_paper.present",))


def _paper(facts: Facts) -> Dimension:
    if facts["research_paper.present"].value == "peer-reviewed":
        return Dimension(
            "unknown", "a peer-reviewed paper is cited; how much it details was not read", ("research_paper.present",)
        )
    return Dimension("unknown", "no peer-reviewed paper in the evidence", ("research_paper.present",))


def _model_card(facts: Facts) -> Dimension:
    ids = ("model_card.present", "model_card.complete")
    if not facts.proved(ids[0]):
        return Dimension("unknown", facts[ids[0]].note, ids)
    if facts.proved(ids[1]):
        return Dimension("open", facts[ids[1]].note, ids)
    return Dimension("partial", facts[ids[1]].note, ids)


def _datasheet(facts: Facts) -> Dimension:
    ids = ("data_card.present", "data_card.complete", "datasets_base.present", "datasets_tuning.present")
    if facts.proved("data_card.present"):
        if facts.proved("data_card.complete"):
            return Dimension("open", "", ids)
        if facts["data_card.complete"].gap == "missing":
            return Dimension(
                "partial", facts["data_card.complete"].note or facts["data_card.complete"].value or "", ids
            )
        return Dimension("unknown", facts["data_card.complete"].note, ids)
    if _data("datasets_base.present", facts).openness == "closed":
        return Dimension("closed", "the data is not disclosed, and no data card is in the evidence", ids)
    return Dimension("unknown", "no data card in the evidence; it may stand beside the data", ids)


def _licenses(facts: Facts) -> Dimension:
    """By the rubric: open if weights, training code and data are, partial if two of them are in part, else closed."""
    ids = (
        "license_open.weights",
        "license_open.code",
        "license_open.data",
        "source_code.present",
        "training_code.present",
        "datasets_base.present",
    )
    if facts.refuted("license_open.weights"):
        code_open = facts.proved("license_open.code") and facts.proved("training_code.present")
        data_open = facts.proved("license_open.data")
        return Dimension("partial" if code_open and data_open else "closed", "the weights' license is not open", ids)
    weights = facts.proved("license_open.weights")
    code = facts.proved("license_open.code") and facts.proved("source_code.present")
    data_known = facts.proved("datasets_base.present")
    data = facts.proved("license_open.data") and data_known
    if weights and code and data and facts.proved("training_code.present"):
        return Dimension("open", "weights, code and data under open licenses", ids)
    if not weights and code and data and facts.proved("training_code.present"):
        return Dimension("unknown", "code and data are open; the weights' license is not in the evidence", ids)
    if weights and code:
        return Dimension("partial", "weights and code are under open licenses; the data is not shown to be", ids)
    if weights and facts.refuted("source_code.present"):
        return Dimension(
            "closed" if facts["datasets_base.present"].status != "proved" else "partial",
            "of weights, code and data only the weights",
            ids,
        )
    return Dimension("unknown", "the license of the weights is not in the evidence", ids)
