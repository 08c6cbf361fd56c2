"""Whether a model meets what the license of its parent asks of whoever passes on a model made from it.

    license_copy   a copy of the license is in the files         notice     its words are in the files
    display        its words are in a text                       name       the model's name begins so
    use_policy     a text speaks of the policy                   same_terms its license is stated for the model
    no_training    it is no student of the parent
    changes, attribution    a text says from which model it was made, and names that one

Met is proved, unmet is refuted. What is missing is unmet only where every file of the model is listed and its texts
were read; what may be told elsewhere, on a page or in a product, is unknown.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from glasswright.audit.lineage import Parent
from glasswright.audit.record import Evidence, Fact, Facts, Status, shorten
from glasswright.audit.subject import WEIGHT_FILE, Document, Subject
from glasswright.audit.voices import is_data_card, root_voices
from glasswright.licenses.model_licenses import Duty, Terms
from glasswright.licenses.passing_on import goes_with

LICENSE_TEXT = re.compile(r"(?i)licen[sc]e|copying|notice|terms|agreement")
LICENSE_TEXT_CHARACTERS = 1_500  # a copy of a license is longer than a word about it
USE_POLICY = re.compile(r"(?i)(?:acceptable|prohibited) uses? policy|use[- ]based restrictions?")
TELLS = (
    "lineage.card_head",
    "lineage.card_config",
    "lineage.prose",
)  # what says to people that it was made from another
TITLE = re.compile(r"^#\s+(.{1,200}?)\s*#*$")


@dataclass(frozen=True, slots=True)
class _Case:
    """What a duty is judged by."""

    duty: Duty
    terms: Terms
    parent: Parent
    family: tuple[Parent, ...]  # the parents under the same license
    subject: Subject
    facts: Facts

    @property
    def is_whole(self) -> bool:
        """Whether everything that goes with the weights is listed, and every text of it was read."""
        has_weights = any(WEIGHT_FILE.search(entry.path) for s in self.subject.snapshots for entry in s.entries)
        return has_weights and self.subject.is_listed_whole and not self.subject.problems


@dataclass(frozen=True, slots=True)
class _Answer:
    status: Status
    note: str
    evidence: tuple[Evidence, ...] = ()


def duty_facts(fact_id: str, parent: Parent, parents: list[Parent], subject: Subject, facts: Facts) -> Iterator[Fact]:
    """Each duty that comes with a parent."""
    if parent.terms is None:
        return
    family = tuple(p for p in parents if p is not parent and p.license == parent.license and p.passes_on)
    for duty in parent.terms.duties:
        if parent.passes_on == (duty.id != "no_training"):
            case = _Case(duty, parent.terms, parent, family, subject, facts)
            yield _fact(f"{fact_id}.{duty.id}", case, _careful(case, JUDGES[duty.id](case)))


def _fact(fact_id: str, case: _Case, answer: _Answer) -> Fact:
    values: dict[Status, str] = {"proved": "met", "refuted": "unmet", "unknown": "unknown"}
    section = f"s. {case.duty.section} of " if case.duty.section else ""
    return Fact(
        id=fact_id,
        status=answer.status,
        value=values[answer.status],
        license=case.parent.license,
        evidence=(*answer.evidence, *case.parent.evidence)[:4],
        gap="unchecked" if answer.status == "unknown" else None,
        note=f"{section}{case.parent.license}: {answer.note}",
    )


def _careful(case: _Case, answer: _Answer) -> _Answer:
    """Of a parent that prose alone names, nobody is told that a duty is unmet; of a teacher it is the plain word."""
    if answer.status != "refuted" or case.parent.is_direct or not case.parent.passes_on:
        return answer
    return replace(answer, status="unknown", note=f"{answer.note}; and prose alone names the parent")


def _license_copy(case: _Case) -> _Answer:
    for document in case.subject.documents:
        is_long = len(document.text) >= LICENSE_TEXT_CHARACTERS
        if is_long and LICENSE_TEXT.search(document.name) and (place := _place(document, case.terms.title)):
            return _Answer("proved", "a copy of the license goes with the model", (place,))
    if case.parent.openness == "proved":
        return _Answer("unknown", "no copy of the license is at hand; of an open one a hub shows the text by its name")
    return _missing(case, "no copy of the license is among the files")


def _notice(case: _Case) -> _Answer:
    if place := _said(case, case.subject.documents):
        return _Answer("proved", "the notice goes with the model", (place,))
    return _missing(case, "no file has the notice that is asked for")


def _display(case: _Case) -> _Answer:
    if place := _said(case, case.subject.documents):
        return _Answer("proved", "the words that are asked for are shown", (place,))
    return _Answer("unknown", "the words that are asked for are in no text at hand; they may be shown elsewhere")


def _name(case: _Case) -> _Answer:
    """By the name on the hub and in the card's title; a folder's own name is anybody's."""
    asked = case.duty.words
    assert asked is not None
    names = [s.repo.rsplit("/", 1)[1] for s in case.subject.snapshots if "/" in s.repo and s.kind == "model"]
    cards = [d for d in root_voices(case.subject) if not is_data_card(d)]
    titles = [(m[1], d) for d in cards for line in d.lines if (m := TITLE.match(line))][:1]
    told = [*names, *(title for title, _ in titles)]
    evidence = tuple(_place(d, re.compile(re.escape(title))) for title, d in titles)
    places = tuple(e for e in evidence if e is not None)
    if any(asked.match(name) for name in told):
        return _Answer("proved", "the model's name begins as asked", places)
    if told:
        return _Answer("refuted", f"the model is called {' and '.join(dict.fromkeys(told))}", places)
    return _Answer("unknown", "what the model is called is not in the evidence")


def _use_policy(case: _Case) -> _Answer:
    for document in case.subject.documents:
        if place := _place(document, USE_POLICY):
            return _Answer("proved", "a text at hand names the policy of use", (place,))
    return _Answer("unknown", "no text at hand names the policy of use")


def _same_terms(case: _Case) -> _Answer:
    stated, is_open = case.facts["license.weights"], case.facts["license_open.weights"]
    if any(goes_with(part, case.terms) for part in (stated.value or "").split(" / ")):
        return _Answer("proved", f"{stated.value} is stated for the model", stated.evidence[:2])
    mentioned = next((p for d in case.subject.documents if (p := _place(d, case.terms.title))), None)
    if mentioned is not None:
        return _Answer("unknown", "its license is named, and not as that of the model", (mentioned,))
    if is_open.status == "proved":
        return _Answer("refuted", f"the model is put under {is_open.value} instead", is_open.evidence[:2])
    return _Answer("unknown", "under which terms the model is, is not in the evidence")


def _no_training(case: _Case) -> _Answer:
    """These clauses leave out models that are made from the teacher's own family."""
    if case.family:
        return _Answer("proved", "the model is of the teacher's own family", case.family[0].evidence[:1])
    return _Answer("refuted", f"the model is {case.parent.told}")


def _changes(case: _Case) -> _Answer:
    told = [e for e in case.parent.evidence if e.rule in TELLS]
    if told:
        return _Answer("proved", f"a text says that it is {case.parent.told}", tuple(told))
    return _Answer("unknown", "no text at hand says what was changed")


def _attribution(case: _Case) -> _Answer:
    if place := named_in_text(case.parent, case.subject):
        return _Answer("proved", "a text names the model that it was made from", (place,))
    return _Answer("unknown", "no text at hand names the model that it was made from")


JUDGES: dict[str, Callable[[_Case], _Answer]] = {
    "license_copy": _license_copy,
    "notice": _notice,
    "display": _display,
    "name": _name,
    "use_policy": _use_policy,
    "same_terms": _same_terms,
    "no_training": _no_training,
    "changes": _changes,
    "attribution": _attribution,
}


def named_in_text(parent: Parent, subject: Subject) -> Evidence | None:
    """Where a text for people first names a parent."""
    called = re.compile(re.escape(parent.name.rpartition("/")[2]), re.IGNORECASE)
    return next((place for document in root_voices(subject) if (place := _place(document, called))), None)


def _missing(case: _Case, told: str) -> _Answer:
    if case.is_whole:
        return _Answer("refuted", f"{told}, all of which are listed")
    return _Answer("unknown", f"{told} at hand; the rest was not read")


def _said(case: _Case, documents: tuple[Document, ...]) -> Evidence | None:
    asked = case.duty.words
    assert asked is not None
    return next((place for document in documents if (place := _place(document, asked))), None)


def _place(document: Document, pattern: re.Pattern[str]) -> Evidence | None:
    """Where a text first says something, on one line or over the end of one."""
    text = " ".join(document.lines)
    match = pattern.search(text)
    if match is None:
        return None
    line = _line_at(document, match.start())
    return Evidence(
        file=document.where, lines=(line, line), quote=shorten(document.lines[line - 1]), rule="lineage.duty"
    )


def _line_at(document: Document, offset: int) -> int:
    for number, line in enumerate(document.lines, 1):
        if offset <= len(line):
            return number
        offset -= len(line) + 1
    return len(document.lines)
