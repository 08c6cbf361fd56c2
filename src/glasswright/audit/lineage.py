"""The parents of a model: each once, how it was made from them, under which license they are, and how that is known.

    named     by the files of the subject                                lineage_places, lineage_prose
    known     its license, because it is at hand: a snapshot beside the subject, or given as `--parent`
              or because a model of that name is known                   licenses/model_licenses.toml

A parent that is not known stays unknown, and so does whatever it decides. One that is at hand is asked for its own
parents in turn.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from glasswright.audit.lineage_places import OWN_NAME, POSSIBLE, Mention, Relation, key, mentions
from glasswright.audit.lineage_prose import prose_mentions
from glasswright.audit.record import Evidence, Facts, Status
from glasswright.audit.subject import Snapshot, Subject
from glasswright.licenses import is_open
from glasswright.licenses.model_licenses import Terms, known_model, terms_of

MAX_PARENTS = 32
MAX_AT_HAND = 4  # models that are asked for their own parents
MAX_EVIDENCE = 3
MADE_OF: tuple[Relation, ...] = ("finetune", "adapter", "merge", "quantized")  # what holds the parent's own weights

Gather = Callable[[Subject], Facts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A model that this one was made from."""

    name: str
    relation: Relation
    evidence: tuple[Evidence, ...]
    license: str | None = None
    openness: Status = "unknown"
    why: str = "its license is not in the evidence"
    terms: Terms | None = None
    facts: Facts | None = None  # of the parent, where it is at hand

    @property
    def is_direct(self) -> bool:
        """Whether it is named in a place made for it, and not in prose alone."""
        return any(e.strength == "direct" for e in self.evidence)

    @property
    def doubt(self) -> str:
        """Why the model's license is not settled by it."""
        return self.why if self.openness == "unknown" else f"it is under {self.license}"

    @property
    def is_possible(self) -> bool:
        """Whether it is named, and nothing says what it is to this model."""
        return all(e.rule in POSSIBLE for e in self.evidence)

    @property
    def passes_on(self) -> bool:
        """Whether its own weights are in the model, so that its license covers them."""
        return self.relation in MADE_OF

    @property
    def told(self) -> str:
        """Name and relation in words."""
        if self.is_possible:
            return f"named beside it, and perhaps a parent: {self.name}"
        link = "from" if self.relation in ("distilled", "quantized") else "of"
        return f"{self.relation} {link} {self.name}"


def parents(subject: Subject, gather: Gather) -> list[Parent]:
    """Every parent that the evidence names, in order of mention, and every one that the user gave."""
    named = _named(subject)
    pool = _pool(subject, {key(parent.name) for parent in named})
    if len(named) == 1 and len(subject.parents) == 1 and not _has_name(subject.parents[0]):
        return [_at_hand(named[0], subject.parents[0], pool, gather)]
    given = [_given(p) for p in subject.parents if not any(_is_called(p, parent.name) for parent in named)]
    return [_resolved(parent, pool, gather) for parent in (*named, *given)]


def _named(subject: Subject) -> list[Parent]:
    found: dict[str, Parent] = {}
    for snapshot, mention in _mentions(subject):
        if _is_itself(mention, snapshot):
            continue
        at = _known_as(mention, found)
        if at in found:
            found[at] = _also(found[at], mention)
        elif len(found) < MAX_PARENTS:
            found[at] = Parent(name=mention.name, relation=mention.relation, evidence=(mention.evidence,))
        else:
            found[""] = Parent(name="others, not looked at", relation=mention.relation, evidence=(mention.evidence,))
            break
    return list(found.values())


def _known_as(mention: Mention, found: dict[str, Parent]) -> str:
    """The key under which a parent is known already: prose shortens names."""
    own = key(mention.name)
    if mention.evidence.strength == "said" and mention.relation != "distilled":
        return next((at for at in found if own in at or at in own), own)
    return own


def _mentions(subject: Subject) -> Iterator[tuple[Snapshot, Mention]]:
    for snapshot in subject.snapshots:
        yield from ((snapshot, mention) for mention in mentions(snapshot))
    for snapshot in subject.snapshots:
        yield from ((snapshot, mention) for mention in prose_mentions(snapshot))


def _is_itself(mention: Mention, snapshot: Snapshot) -> bool:
    """A config names what the weights were loaded from, which may be the model's own name on another disk."""
    if mention.evidence.rule == OWN_NAME or key(mention.name) != key(snapshot.repo):
        return False
    owner, own = mention.name.lower().rpartition("/")[0], snapshot.repo.lower().rpartition("/")[0]
    return owner == own or (mention.evidence.rule in ("lineage.loaded_from", "lineage.prose") and not (owner and own))


def _also(parent: Parent, mention: Mention) -> Parent:
    """The same parent, named once more; with its owner, if that was not said before."""
    name = mention.name if "/" in mention.name and "/" not in parent.name else parent.name
    if any((e.file, e.lines) == (mention.evidence.file, mention.evidence.lines) for e in parent.evidence):
        return replace(parent, name=name)
    return replace(parent, name=name, evidence=(*parent.evidence, mention.evidence)[:MAX_EVIDENCE])


def _given(subject: Subject) -> Parent:
    """A parent on the user's word alone."""
    name = subject.snapshots[0].repo
    evidence = Evidence(file=subject.snapshots[0].name, lines=None, quote="given as the parent", rule="lineage.given")
    return Parent(name=name, relation="finetune", evidence=(evidence,))


def _has_name(subject: Subject) -> bool:
    """Whether it is called as on a hub: a folder may be called anything."""
    return any("/" in snapshot.repo for snapshot in subject.snapshots)


def _is_called(subject: Subject, name: str) -> bool:
    return any(key(snapshot.repo) == key(name) for snapshot in subject.snapshots)


def _pool(subject: Subject, named: set[str]) -> tuple[Subject, ...]:
    """The models at hand that may be the parents: those given, those beside, and snapshots beside the model's own."""
    own = [s for s in subject.snapshots if key(s.repo) in named and len(subject.snapshots) > 1]
    return (*subject.parents, *subject.beside, *(Subject(s.repo, (s,)) for s in own))[:MAX_AT_HAND]


def _resolved(parent: Parent, pool: tuple[Subject, ...], gather: Gather) -> Parent:
    for subject in pool:
        if _is_called(subject, parent.name):
            return _at_hand(parent, subject, pool, gather)
    known = known_model(parent.name)
    if known is None:
        return parent
    terms = terms_of(known.license)
    if not known.is_sure:
        why = f"its name speaks of {known.license}; the license itself is not in the evidence"
        return replace(parent, why=why)
    openness: Status = "proved" if is_open(known.license, "weights") else "refuted"
    return replace(parent, license=known.license, openness=openness, why="known by the model's name", terms=terms)


def _at_hand(parent: Parent, subject: Subject, pool: tuple[Subject, ...], gather: Gather) -> Parent:
    """The parent by what its own files say; of its own parents it may name those that are at hand as well."""
    others = tuple(other for other in pool if other is not subject)
    facts = gather(replace(subject, parents=(), beside=others))
    license, openness = facts["license.weights"].value, facts["license_open.weights"]
    why = openness.note or "stated in its own files"
    terms = terms_of(license) if license else None
    return replace(parent, license=license, openness=openness.status, why=why, terms=terms, facts=facts)
