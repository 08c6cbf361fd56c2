"""What a model was made from, and what its parents' licenses make of it.

    lineage.derived              made from another model, and from which
    lineage.N                    the Nth parent: name, relation, license
    lineage.N.license_open       whether that license is open
    lineage.N.told               whether a text for people names it, and not its files alone
    lineage.N.explained          of a parent on record: whether its own release shows how its weights came about
    lineage.N.duty.<duty>        what it asks for: met (proved), unmet (refuted), unknown     duty_rules
    lineage.conflict             one parent forbids to add the terms that another asks for

A license reaches as far as the work it is for. Where a parent's weights are in a model, the parent's license covers
them, whatever the model's card says: closed, its clauses are the model's clauses; unknown, the model's freedoms are
unknown. A teacher's license never proves a model closed, for only what it put out was used; but unless it is open, the
model is not proved open. What the model first learned from is its parent's to say.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from glasswright.audit.duty_rules import duty_facts, named_in_text
from glasswright.audit.lineage import MAX_EVIDENCE, Gather, Parent, parents
from glasswright.audit.lineage_places import key
from glasswright.audit.lineage_record import explained, recorded
from glasswright.audit.record import Fact, Facts, Status, unchecked, with_id
from glasswright.audit.subject import Subject
from glasswright.audit.voices import root_voices
from glasswright.licenses import CLAUSES

MEANS = {rule.id: rule for rule in CLAUSES}


def with_lineage(facts: Facts, subject: Subject, gather: Gather) -> Facts:
    """The facts of a subject once its parents have been heard; `gather` asks those that are at hand."""
    made_from = parents(subject, gather)
    if not made_from:
        return facts.with_fact(unchecked("lineage.derived", "no parent is named in the evidence"))
    new = [_derived(made_from), *_each(made_from, subject, facts), *_conflict(made_from)]
    new += [*_licenses(made_from, facts), *_data(made_from, subject, facts)]
    for fact in new:
        facts = facts.with_fact(fact)
    return facts


def _derived(made_from: list[Parent]) -> Fact:
    evidence = tuple(parent.evidence[0] for parent in made_from[:MAX_EVIDENCE])
    told = "; ".join(parent.told for parent in made_from)
    if all(parent.is_possible for parent in made_from):
        return Fact(id="lineage.derived", status="unknown", gap="unchecked", evidence=evidence, note=told)
    return Fact(id="lineage.derived", status="proved", value=told, evidence=evidence)


def _each(made_from: list[Parent], subject: Subject, facts: Facts) -> Iterator[Fact]:
    for number, parent in enumerate(made_from, 1):
        name = f"lineage.{number}"
        if parent.is_possible:
            yield Fact(
                id=name,
                status="unknown",
                gap="unchecked",
                license=parent.license,
                evidence=parent.evidence,
                note=parent.told,
            )
            continue
        yield Fact(id=name, status="proved", value=parent.told, license=parent.license, evidence=parent.evidence)
        yield _license_open(f"{name}.license_open", parent)
        yield _told(f"{name}.told", parent, subject)
        yield from _explained(f"{name}.explained", parent, subject)
        yield from duty_facts(f"{name}.duty", parent, made_from, subject, facts)


def _told(fact_id: str, parent: Parent, subject: Subject) -> Fact:
    """A parent with terms that the files name, and no text does, is hidden; of any other it is not found out."""
    if place := named_in_text(parent, subject):
        return Fact(id=fact_id, status="proved", value="yes", evidence=(place,))
    if parent.openness == "refuted" and parent.is_direct and root_voices(subject) and not subject.problems:
        note = f"the files name it, and no text that was read does; {parent.license} binds whoever gets the model"
        return Fact(id=fact_id, status="refuted", value="no", evidence=parent.evidence, note=note)
    return Fact(
        id=fact_id, status="unknown", gap="unchecked", evidence=parent.evidence, note="no text at hand names it"
    )


def _explained(fact_id: str, parent: Parent, subject: Subject) -> Iterator[Fact]:
    on_record = (it for snapshot in subject.snapshots for it in recorded(snapshot) if key(it.name) == key(parent.name))
    yield from (explained(fact_id, it, subject) for it in islice(on_record, 1))


def _license_open(fact_id: str, parent: Parent) -> Fact:
    return Fact(
        id=fact_id,
        status=parent.openness,
        gap="unchecked" if parent.openness == "unknown" else None,
        value=parent.license,
        license=parent.license,
        evidence=parent.evidence,
        note=parent.why,
    )


def _conflict(made_from: list[Parent]) -> Iterator[Fact]:
    """A license that forbids to add terms, beside another that closes something it does not."""
    own = [parent for parent in made_from if parent.passes_on and parent.is_direct and parent.terms is not None]
    for strict in own:
        assert strict.terms is not None
        for other in own:
            assert other.terms is not None
            if not strict.terms.goes_with(other.terms):
                section = strict.terms.no_further_terms
                note = f"{strict.license} forbids to add terms (s. {section}); {other.license} asks for its own"
                evidence = (strict.evidence[0], other.evidence[0])
                value = f"{strict.name} and {other.name}"
                yield Fact(id="lineage.conflict", status="proved", value=value, evidence=evidence, note=note)
                return


def _licenses(made_from: list[Parent], facts: Facts) -> Iterator[Fact]:
    """The license of the weights, with that of every parent whose weights are in them."""
    closed = [p for p in made_from if p.openness == "refuted" and p.passes_on and p.is_direct]
    unsure = [p for p in made_from if p.openness != "proved" and p not in closed]
    is_open, stated = facts["license_open.weights"], facts["license.weights"]
    if closed:
        yield _closed_by(closed, is_open)
        yield from _clauses(closed, facts)
        yield _joined(closed, stated)
    elif unsure and is_open.status == "proved":
        for fact in (is_open, stated):
            yield _unsettled(fact, unsure)


def _closed_by(closed: list[Parent], is_open: Fact) -> Fact:
    told = "; ".join(f"{parent.told}, which is under {parent.license}" for parent in closed)
    evidence = [e for parent in closed for e in parent.evidence[:2]]
    value = " AND ".join(dict.fromkeys(str(parent.license) for parent in closed))
    note = f"{told}: the weights are under a parent's terms, whatever is stated for them"
    return replace(
        is_open, status="refuted", gap=None, value=value, evidence=(*evidence[:4], *is_open.evidence[:2]), note=note
    )


def _clauses(closed: list[Parent], facts: Facts) -> Iterator[Fact]:
    known = {fact.id for fact in facts}
    for parent in closed:
        for clause in parent.terms.closes if parent.terms else ():
            fact_id = f"clause.weights.{clause}"
            if fact_id not in known:
                known.add(fact_id)
                note = "disqualifies" if MEANS[clause].disqualifies_eu else "tolerated"
                yield Fact(id=fact_id, status="proved", value=MEANS[clause].means, evidence=parent.evidence,
                           note=f"{note} under the AI Act")  # fmt: skip
        for fact in parent.facts or ():
            if fact.id.startswith("clause.weights.") and fact.id not in known:
                known.add(fact.id)
                yield fact


def _joined(closed: list[Parent], stated: Fact) -> Fact:
    names = [stated.value] if stated.status == "proved" and stated.value else []
    joined = " AND ".join(dict.fromkeys([*names, *(str(parent.license) for parent in closed)]))
    evidence = (*stated.evidence[:2], *(e for parent in closed for e in parent.evidence[:1]))
    note = "what is stated for the model, and what its parents are under"
    return Fact(id=stated.id, status="proved", value=joined, license=joined, evidence=evidence, note=note)


def _unsettled(fact: Fact, unsure: list[Parent]) -> Fact:
    told = "; ".join(f"{parent.told}: {parent.doubt}" for parent in unsure[:MAX_EVIDENCE])
    evidence = (*(parent.evidence[0] for parent in unsure[:MAX_EVIDENCE]), *fact.evidence[:2])
    return replace(fact, status="unknown", gap="unchecked", evidence=evidence, note=told)


def _data(made_from: list[Parent], subject: Subject, facts: Facts) -> Iterator[Fact]:
    """What the model first learned from is what its parents did; its own data is what it was tuned on.

    Of a parent by the same makers the model's own documents speak as well; of one that only prose names, `data_rules`.
    """
    own = [parent for parent in made_from if parent.passes_on and (parent.is_direct or parent.facts is not None)]
    if not own or any(parent.facts is None and _is_by_the_same(parent, subject) for parent in own):
        return
    base, tuning = facts["datasets_base.present"], facts["datasets_tuning.present"]
    yield _of_parents("datasets_base.present", own)
    if any(parent.relation in ("finetune", "adapter") for parent in own):
        yield Fact(id="tuned_parameters.present", status="proved", evidence=own[0].evidence)
        if tuning.status != "proved" and base.status == "proved":
            yield with_id(base, "datasets_tuning.present")


def _is_by_the_same(parent: Parent, subject: Subject) -> bool:
    owner = parent.name.lower().rpartition("/")[0]
    return bool(owner) and any(snapshot.repo.lower().rpartition("/")[0] == owner for snapshot in subject.snapshots)


def _of_parents(fact_id: str, own: list[Parent]) -> Fact:
    """A fact of the parents as one of the model: refuted if it is for one of them, proved if it is for all."""
    told = [parent.facts[fact_id] for parent in own if parent.facts is not None]
    refuted = next((fact for fact in told if fact.status == "refuted"), None)
    if refuted is not None:
        return refuted
    if len(told) == len(own) and all(fact.status == "proved" for fact in told):
        status: Status = "proved"
        partly = next((fact for fact in told if fact.value == "partly"), told[0])
        evidence = tuple(e for fact in told for e in fact.evidence[:2])
        return Fact(id=fact_id, status=status, value=partly.value, evidence=evidence, note="of the parents")
    silent = next(parent for parent in own if parent.facts is None or parent.facts[fact_id].status == "unknown")
    note = f"it is for the parent to say, and nothing at hand says it of {silent.name}"
    return Fact(id=fact_id, status="unknown", gap="unreachable", evidence=silent.evidence, note=note)
