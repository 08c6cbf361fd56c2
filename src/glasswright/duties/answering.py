"""Each duty and each limit of a license with the clause that states it, and how it is answered.

What can be met by writing or carrying something, the release does. What depends on the recipe is met or refused before
any work. What nobody here could read is unknown, and never called met.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from glasswright.duties.case import MEANS, Case
from glasswright.licenses import is_open
from glasswright.licenses.duties import KINDS, find_limits
from glasswright.licenses.model_licenses import Duty
from glasswright.licenses.passing_on import goes_with, what_would
from glasswright.records.duties import PARENT_TEXTS, DutyAnswer, Inherited

NOTICE = "NOTICE"  # where the notice stands that the parent's folder does not carry
FORBIDS = ("no_redistribution", "no_derivatives")  # clauses against passing on what is made from a model
# Clauses that are duties of whoever passes a model on, and are answered as these.
IS_DUTY = {"naming_duty": ("display", "name"), "acceptable_use_policy": ("use_policy",), "output_use": ("no_training",)}
POLICY_FILE = re.compile(r"(?i)polic|acceptable|prohibited")


def answered(case: Case) -> Iterator[Inherited]:
    """All that a license asks and takes away."""
    if case.terms is None and not case.is_open:
        yield from _of_unknown(case)
        return
    for duty in case.duties:
        answer, told = ANSWERS[duty.id](case, duty)
        yield case.inherited(duty.id, answer, told, duty.section)
    yield from _limits(case)


def _limits(case: Case) -> Iterator[Inherited]:
    """What the license takes away from whoever gets the model, by its own words where they are at hand."""
    found = find_limits(case.text[1]) if case.text is not None else {}
    duties = {duty.id for duty in case.duties}
    for kind in case.closes if case.terms is not None else dict.fromkeys((*case.closes, *found)):
        if kind in FORBIDS:
            told = "a release is made to be passed on: choose another parent, or ask its makers"
            yield case.quoted(kind, "refused", told, found.get(kind))
        elif not duties.intersection(IS_DUTY.get(kind, ())):
            also = ", and the license goes with the model" if case.text is not None else ""
            yield case.quoted(kind, "met", f"passed on: the card names it{also}", found.get(kind))


def _of_unknown(case: Case) -> Iterator[Inherited]:
    """A license that nobody here knows: its closing clauses count, and every duty is unknown."""
    limits, asked = list(_limits(case)), case.recipe.weights_license
    yield from limits
    is_refused = bool(limits) and asked is not None and is_open(asked, "weights")
    if is_refused:
        told = f"{asked} gives what {case.license} takes away; {case.license} would go with it"
        yield replace(limits[0], id="same_terms", means=MEANS["same_terms"], answer="refused", told=told)
    where = "its text goes with the model" if case.text is not None else "its text is not in the parent's folder"
    for kind in KINDS:
        if not (is_refused and kind == "same_terms"):
            yield case.inherited(kind, "unknown", f"what {case.license} asks is not known here; {where}")


def _license_copy(case: Case, _duty: Duty) -> tuple[DutyAnswer, str]:
    if case.text is not None:
        return "met", f"{PARENT_TEXTS}{case.text[0]} is carried"
    return "to do", f"the parent's folder has no text of {case.license}: put it there as LICENSE, and build again"


def _notice(case: Case, duty: Duty) -> tuple[DutyAnswer, str]:
    return "met", f"{PARENT_TEXTS}{notice_at(case, duty) or NOTICE} has it"


def notice_at(case: Case, duty: Duty) -> str | None:
    """The file of the parent that has the notice; a license that asks for it is none."""
    asked = duty.words
    assert asked is not None
    written = (it for it in case.read.written() if it != case.text)
    return next((path for path, text in written if asked.search(" ".join(text.split()))), None)


def _display(_case: Case, duty: Duty) -> tuple[DutyAnswer, str]:
    return "met", f"card and README show “{duty.says}”; show it where the model is offered as well"


def _name(case: Case, duty: Duty) -> tuple[DutyAnswer, str]:
    name, asked = case.recipe.name, duty.words
    assert asked is not None
    if asked.match(name):
        return "met", f"{name} begins so"
    return "refused", f"it is called {name}: {duty.says.lower()}-{name} would do"


def _use_policy(case: Case, _duty: Duty) -> tuple[DutyAnswer, str]:
    path = next((path for path in case.read.texts if POLICY_FILE.search(path)), case.text[0] if case.text else None)
    if path is not None:
        return "met", f"{PARENT_TEXTS}{path} is carried, and the card binds whoever gets the model to it"
    return "to do", "the parent's folder has no policy of use: put it there as USE_POLICY.md, and build again"


def _changes(_case: Case, _duty: Duty) -> tuple[DutyAnswer, str]:
    return "met", "card, README and LICENSE say what was changed"


def _attribution(case: Case, _duty: Duty) -> tuple[DutyAnswer, str]:
    kept = f"; its texts and notices lie in {PARENT_TEXTS}" if case.read.texts else ""
    return "met", f"card and LICENSE name the parent{kept}"


def _same_terms(case: Case, _duty: Duty) -> tuple[DutyAnswer, str]:
    assert case.terms is not None
    asked, would = case.recipe.weights_license, what_would(case.recipe.weights_license, case.terms)
    if asked is None:
        return "to do", f"the recipe asks for no license: before the model is passed on, weights_license: {would}"
    if goes_with(asked, case.terms):
        return "met", f"the weights are put under {asked}"
    return "refused", f"weights_license is {asked}: {would} would go with it"


def _no_training(_case: Case, _duty: Duty) -> tuple[DutyAnswer, str]:
    return "met", "the model is of the parent's own family; passed on: the card names it"


ANSWERS: dict[str, Callable[[Case, Duty], tuple[DutyAnswer, str]]] = {
    "license_copy": _license_copy,
    "notice": _notice,
    "display": _display,
    "name": _name,
    "use_policy": _use_policy,
    "same_terms": _same_terms,
    "changes": _changes,
    "attribution": _attribution,
    "no_training": _no_training,
}
