"""Open Source AI Definition 1.0, requirement by requirement.

    data information   what the model learned from, and where to get it, so that a skilled person could build it again
    code               processing, training, validation, inference, architecture, tokenizer, OSI-approved licenses
    parameters         the weights, under OSI-approved terms
    freedoms           use, study, modify, share, for any purpose and without permission

Refuted if one requirement is refuted; proved only if all four are proved.
"""

from dataclasses import dataclass

from glasswright.audit.record import Facts, Status

REQUIRED_CODE = (
    "training_code",
    "preprocessing_code",
    "inference_code",
    "architecture_code",
    "evaluation_code",
    "tokenizer",
)
IN_REACH = ("training_code.present", "preprocessing_code.present")  # words do not prove these: a file does


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: the answer, why, and the facts behind it."""

    status: Status
    reasons: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Osaid:
    """The verdict under the definition."""

    status: Status
    requirements: dict[str, Requirement]


def judge_osaid(facts: Facts) -> Osaid:
    """Answer the four requirements."""
    requirements = {
        "data_information": _data_information(facts),
        "code": _code(facts),
        "parameters": _parameters(facts),
        "freedoms": _freedoms(facts),
    }
    return Osaid(all_of([r.status for r in requirements.values()]), requirements)


def all_of(answers: list[Status]) -> Status:
    """Refuted if one is refuted, proved if all are."""
    if "refuted" in answers:
        return "refuted"
    return "proved" if answers and all(answer == "proved" for answer in answers) else "unknown"


def _data_information(facts: Facts) -> Requirement:
    ids = ["datasets_base.present"] + (["datasets_tuning.present"] if facts.proved("tuned_parameters.present") else [])
    undisclosed = [i for i in ids if facts.refuted(i)]
    if undisclosed:
        which = "base training" if undisclosed[0] == ids[0] else "tuning"
        return Requirement("refuted", (f"{which} data: {facts[undisclosed[0]].note}",), tuple(undisclosed))
    base = facts["datasets_base.present"]
    described = facts.proved("data_card.present") or facts["preprocessing_code.present"].strength == "direct"
    reasons = []
    if base.status != "proved" or base.value == "partly":
        reasons.append(f"base training data: {base.note or 'not proved'}")
    if not described:
        reasons.append("how the data was obtained, selected and filtered is not described in the evidence")
    if len(ids) > 1 and (not facts.proved(ids[1]) or facts[ids[1]].value == "partly"):
        reasons.append(f"tuning data: {facts[ids[1]].note}")
    status: Status = "unknown" if reasons else "proved"
    return Requirement(
        status,
        tuple(reasons) or ("all named data is in reach, and its preparation is described",),
        (*ids, "data_card.present", "data_preparation.described", "preprocessing_code.present"),
    )


def _code(facts: Facts) -> Requirement:
    ids = tuple(f"{component}.present" for component in REQUIRED_CODE)
    license_open = facts["license_open.code"]
    if license_open.status == "refuted":
        return Requirement("refuted", (f"the code's license closes: {license_open.value}",), ("license_open.code",))
    training = facts["training_code.present"]
    if training.status == "refuted":
        return Requirement("refuted", (f"training code: {training.note}",), ("training_code.present",))
    missing = [i for i in ids if not facts.proved(i) or (i in IN_REACH and facts[i].strength != "direct")]
    reasons = [f"not shown: {i.split('.')[0].replace('_', ' ')}" for i in missing]
    if license_open.status != "proved":
        reasons.append(f"license of the code: {license_open.note}")
    return Requirement(
        "unknown" if reasons else "proved",
        tuple(reasons) or ("all required code is there, under open licenses",),
        (*ids, "license_open.code"),
    )


def _parameters(facts: Facts) -> Requirement:
    present, license_open = facts["final_parameters.present"], facts["license_open.weights"]
    ids = ("final_parameters.present", "license_open.weights")
    if present.status == "refuted":
        return Requirement("refuted", ("the weights are not released",), ids)
    if license_open.status == "refuted":
        return Requirement("refuted", (f"the weights' license closes: {license_open.value}",), ids)
    reasons = []
    if present.status != "proved":
        reasons.append(f"weights: {present.note}")
    if license_open.status != "proved":
        reasons.append(f"license of the weights: {license_open.note}")
    return Requirement(
        "unknown" if reasons else "proved", tuple(reasons) or ("the weights are there, under an open license",), ids
    )


def _freedoms(facts: Facts) -> Requirement:
    closing = [f for f in facts if f.id.startswith("clause.") and f.status == "proved"]
    if closing:
        scopes: dict[str, list[str]] = {}
        for fact in sorted(closing, key=lambda f: f.id.split(".")[1] != "weights"):
            scopes.setdefault(str(fact.value), []).append(fact.id.split(".")[1])
        reasons = tuple(f"{meaning} ({', '.join(of)})" for meaning, of in scopes.items())
        return Requirement("refuted", reasons, tuple(f.id for f in closing))
    refuted = [f"license_open.{scope}" for scope in ("weights", "code") if facts.refuted(f"license_open.{scope}")]
    if refuted:
        return Requirement(
            "refuted",
            tuple(f"{i.split('.')[1]}: {facts[i].value} is not an open license" for i in refuted),
            tuple(refuted),
        )
    if facts["final_parameters.access"].value == "gated":
        return Requirement(
            "unknown",
            ("the weights have to be asked for: use without permission is not shown",),
            ("final_parameters.access",),
        )
    ids = ("license_open.weights", "license_open.code")
    open_ones = [facts.proved(i) for i in ids]
    if all(open_ones):
        return Requirement("proved", ("weights and code are under open licenses without closing clauses",), ids)
    return Requirement(
        "unknown",
        tuple(
            f"license of the {i.split('.')[1]}: {facts[i].note}"
            for i, is_open in zip(ids, open_ones, strict=True)
            if not is_open
        ),
        ids,
    )
