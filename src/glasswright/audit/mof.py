"""The Model Openness Framework: which class a model reaches, component by component.

    III Open Model     architecture, final parameters, model card, data card, technical report or paper, results
    II  Open Tooling   + training, inference and evaluation code, evaluation data
    I   Open Science   + datasets, preprocessing code, intermediate parameters, research paper

A component counts if it is there under an open license. Its license is its own, else the release's for that type, else
the release's distribution license; none means not open. An open license of another type passes with a warning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from glasswright.audit.record import Facts, Status
from glasswright.licenses import openness
from glasswright.licenses.openness import Kind

MofClass = Literal["I", "II", "III", "none", "unknown"]

# Component -> kind of work, in the framework's order.
COMPONENTS: dict[str, Kind] = {
    "architecture": "code",
    "preprocessing_code": "code",
    "training_code": "code",
    "inference_code": "code",
    "evaluation_code": "code",
    "supporting_libraries": "code",
    "final_parameters": "data",
    "intermediate_parameters": "data",
    "datasets": "data",
    "evaluation_data": "data",
    "model_metadata": "data",
    "sample_outputs": "document",
    "model_card": "document",
    "data_card": "document",
    "technical_report": "document",
    "research_paper": "document",
    "evaluation_results": "document",
}
CLASS_III = ("architecture", "final_parameters", "model_card", "data_card", "technical_report", "evaluation_results")
CLASS_II = (*CLASS_III, "training_code", "inference_code", "evaluation_code", "evaluation_data")
CLASS_I = (*CLASS_II, "datasets", "preprocessing_code", "intermediate_parameters", "research_paper")
NOT_ON_ITS_LISTS = frozenset({"open by its terms", "open in every version"})  # which the framework's lists leave out
STANDS_IN = {"technical_report": "research_paper"}

# The facts behind each component, where the name differs.
FACT_OF = {"architecture": "architecture_code", "datasets": "datasets_base"}


@dataclass(frozen=True, slots=True)
class Component:
    """One component's standing."""

    status: Status
    license: str | None
    warning: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mof:
    """The class reached and each component's standing."""

    mof_class: MofClass
    components: dict[str, Component]


def judge_mof(facts: Facts) -> Mof:
    """The class that the facts support."""
    components = {name: _from_facts(name, kind, facts) for name, kind in COMPONENTS.items()}
    return Mof(reached_class(components), components)


def judge_licenses(licenses: Mapping[str, str | None], release: Mapping[str, str | None]) -> Mof:
    """The class of a record that states its components: name -> own license ("" or None: inherit, absent: not there).

    `release` gives the release's licenses for `code`, `data`, `document` and `distribution`.
    """
    components = {}
    for name, kind in COMPONENTS.items():
        if name not in licenses:
            components[name] = Component("refuted", None, reason="not among the release's components")
            continue
        own = licenses[name] or release.get(kind) or release.get("distribution")
        components[name] = _licensed(own, kind)
    return Mof(reached_class(components), components)


def reached_class(components: Mapping[str, Component]) -> MofClass:
    """The highest class whose components are all proved; unknown where a missing answer could still change that."""
    answers = {needed: _class_answer(needed, components) for needed in (CLASS_I, CLASS_II, CLASS_III)}
    if answers[CLASS_III] != "proved":
        return "none" if answers[CLASS_III] == "refuted" else "unknown"
    if answers[CLASS_II] != "proved":
        return "III"
    return "I" if answers[CLASS_I] == "proved" else "II"


def _class_answer(needed: tuple[str, ...], components: Mapping[str, Component]) -> Status:
    answers = [_best(name, components) for name in needed]
    if "refuted" in answers:
        return "refuted"
    return "proved" if all(answer == "proved" for answer in answers) else "unknown"


def _best(name: str, components: Mapping[str, Component]) -> Status:
    own = components[name].status
    if own != "proved" and name in STANDS_IN:
        other = components[STANDS_IN[name]].status
        return other if other == "proved" or own == "refuted" else own
    return own


def _licensed(license_name: str | None, kind: Kind) -> Component:
    found = openness(license_name, kind)
    if not license_name:
        return Component("refuted", None, reason="no license")
    if not found.is_open or found.by in NOT_ON_ITS_LISTS:
        return Component("refuted", license_name, reason="not an open license")
    warning = "" if found.fits_kind else f"an open license, but not one made for {kind}"
    return Component("proved", license_name, warning)


def _from_facts(name: str, kind: Kind, facts: Facts) -> Component:
    fact_name = FACT_OF.get(name, name)
    present, license_fact = facts[f"{fact_name}.present"], facts[f"{fact_name}.license"]
    if name == "datasets" and facts.refuted("datasets_base.present"):
        return Component("refuted", None, reason=present.note)
    if present.status == "refuted":
        return Component("refuted", None, reason=present.note or "not there")
    if present.status == "unknown":
        return Component("unknown", license_fact.license, reason=present.note)
    if name == "data_card" and facts["data_card.complete"].gap == "missing":
        return Component("unknown", license_fact.license, reason="a data card is there and tells little")
    if license_fact.status != "proved" or license_fact.license is None:
        return Component("unknown", None, reason=f"license: {license_fact.note or 'not stated'}")
    judged = _licensed(license_fact.license, kind)
    if (
        judged.status == "refuted"
        and "LicenseRef-" not in license_fact.license
        and openness(license_fact.license, "code").is_open
    ):
        return Component("proved", license_fact.license)
    return judged
