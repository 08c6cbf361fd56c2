"""All that comes with a parent: what each of its licenses asks, what they exclude, and the texts that go on with it."""

from collections.abc import Iterator
from pathlib import Path

from glasswright.duties.answering import NOTICE, answered, notice_at
from glasswright.duties.case import Case, case_of
from glasswright.duties.reading import ParentRead, read_parent
from glasswright.licenses.model_licenses import terms_of
from glasswright.licenses.passing_on import passes_on
from glasswright.records.duties import DutyAnswer, Inheritance, Inherited
from glasswright.records.recipe import Parent, Recipe


def inherit(recipe: Recipe, parent: Parent, folder: Path) -> Inheritance:
    """What the recipe's parent, which lies in `folder`, asks of the model that is to be made from it.

    Raises:  Misuse if the folder's texts cannot be carried; Unknown if nothing in the folder is read.
    """
    read = read_parent(parent, folder)
    cases = [case_of(recipe, license, read) for license in read.licenses]
    duties = [inherited for case in cases for inherited in answered(case)]
    return Inheritance(
        parent=parent.name,
        licenses=read.licenses,
        duties=(*_doubt(parent, read), *duties, *_between(cases), *_with_documents(cases)),
        shown=tuple(dict.fromkeys(duty.says for case in cases for duty in case.duties if duty.id == "display")),
        texts=dict(_with_notices(cases, read)),
    )


def _doubt(parent: Parent, read: ParentRead) -> Iterator[Inherited]:
    if read.doubt:
        told = f"{parent.license} is stated in the recipe; of the parent's own files: {read.doubt}"
        means = "which license the parent is under"
        yield Inherited(id="license", license=parent.license, means=means, answer="unknown", told=told)


def _between(cases: list[Case]) -> Iterator[Inherited]:
    """Licenses of one parent that cannot both be kept."""
    for strict, other in ((a.terms, b.terms) for a in cases for b in cases if a is not b):
        if strict is not None and other is not None and not strict.goes_with(other):
            told = f"{strict.license} forbids to add terms, and {other.license} has its own: no license goes with both"
            section = strict.no_further_terms
            yield _conflict(strict.license, "refused", told, section)


def _with_documents(cases: list[Case]) -> Iterator[Inherited]:
    """Documents under a license that asks for the same terms, beside a parent that has others."""
    for case in cases:
        for source in case.recipe.sources:
            terms = terms_of(source.license) if source.license is not None else None
            if terms is None or case.terms is None or terms.license == case.license:
                continue
            if passes_on(terms) and not terms.goes_with(case.terms):
                told = (
                    f"the documents of {source.name} are under {terms.license}, which forbids to add terms; "
                    f"{case.license} has its own. Whether what learns from them is bound by it is for a person to say"
                )
                yield _conflict(terms.license, "to do", told, terms.no_further_terms)


def _conflict(license: str, answer: DutyAnswer, told: str, section: str) -> Inherited:
    means = "no terms may be added to its own"
    return Inherited(id="conflict", license=license, means=means, answer=answer, told=told, section=section)


def _with_notices(cases: list[Case], read: ParentRead) -> Iterator[tuple[str, bytes]]:
    """The parent's texts, and in NOTICE the words that are asked for and none of them has."""
    lacking = [
        duty.says for case in cases for duty in case.duties if duty.id == "notice" and notice_at(case, duty) is None
    ]
    yield from read.texts.items()
    if lacking:
        there = read.texts.get(NOTICE, b"")
        words = "\n".join(dict.fromkeys(lacking))
        yield NOTICE, there + (b"\n" if there else b"") + f"{words}\n".encode()
