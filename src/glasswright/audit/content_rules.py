"""What the files hold, weighed against what is claimed of them: a name in a listing is not the thing.

    final_parameters.content         the files can hold the parameters that name, card and config claim
    intermediate_parameters.content  the checkpoints differ

A claim that the files contradict is refuted, with both places, and the component is then not proved. That it is missing
is not said, for it may lie elsewhere. Code and data in files of a few bytes are not proved either.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from glasswright.audit.listing_rules import SOURCE, listing_evidence
from glasswright.audit.record import Evidence, Fact, Facts, Gap
from glasswright.audit.scale_rules import least_tokens
from glasswright.audit.subject import DATA_FILE, LISTING, Entry, Snapshot, Subject
from glasswright.audit.weighing import Claim, Held, claims, equal_checkpoints, held, missing_parts, shaped

FAR = 2  # a name rounds, and an embedding may be counted or not
FEW_BYTES = 100  # all files of a component together: a comment, an import, a print
TOKENS_IN_A_BYTE = 20  # of the best compressed text
CODE = ("architecture_code", "training_code", "inference_code", "evaluation_code", "preprocessing_code")
WEIGHTS = ("final_parameters.present", "base_parameters.present")
DATA = ("datasets_base", "datasets_tuning")
ADAPTER = re.compile(r"(?:^|/)adapter_(?:config\.json|model\.)")
BY_FILE = re.compile(r"file\.|release\.|code\.|role\.")  # rules whose evidence is a file


def with_content(facts: Facts, subject: Subject) -> Facts:
    """The facts of a subject once its files have been weighed."""
    for fact in [*_weights(facts, subject), *_checkpoints(facts, subject), *_small(facts, subject)]:
        facts = facts.with_fact(fact)
    return facts


def _weights(facts: Facts, subject: Subject) -> Iterator[Fact]:
    found = held(subject)
    if not found.num_files or not facts.proved("final_parameters.present"):
        return
    content = _content(found, subject)
    yield content
    if found.num_empty == found.num_files:
        yield from _unproved(facts, "missing", "every file of weights is empty", found)
    elif found.num_pointers + found.num_empty == found.num_files:
        yield from _unproved(facts, "unreachable", "Git LFS pointers: the weights lie elsewhere", found)
    elif content.status == "refuted":
        for fact_id in WEIGHTS:
            yield Fact(id=fact_id, status="unknown", gap="missing", evidence=content.evidence, note=content.note)


def _unproved(facts: Facts, gap: Gap, note: str, found: Held) -> Iterator[Fact]:
    """What the files do not show, links may."""
    for fact_id in WEIGHTS:
        fact = facts[fact_id]
        links = tuple(e for e in fact.evidence if not _is_file(e))
        if fact.status == "proved" and links:
            yield replace(fact, value="linked", evidence=links, note=note)
        elif fact.status == "proved":
            yield Fact(id=fact_id, status="unknown", gap=gap, evidence=found.evidence, note=note)


def _content(found: Held, subject: Subject) -> Fact:
    """Whether the files can hold what is claimed."""
    fact_id, said, shape = "final_parameters.content", claims(subject), shaped(subject)
    is_adapter = any(ADAPTER.search(entry.path) for s in subject.snapshots for entry in s.entries)
    if missing := missing_parts(subject):
        note = f"of the numbered parts of the weights, {missing[0]} is not in the listing"
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=found.evidence, note=note)
    if is_adapter:
        return _unweighed(fact_id, found, "an adapter is smaller than the model it is for")
    if said and shape and said[0].num_parameters > FAR * shape[1]:
        return _contradiction(
            fact_id, said[0], f"a model of the sizes in config.json has at most {_count(shape[1])}", (shape[2],)
        )
    if found.most_parameters is None:
        return _unweighed(fact_id, found, "how much the files of weights hold is not in the evidence")
    holds = f"the files can hold {_count(found.most_parameters)}"
    if said and said[0].num_parameters > FAR * found.most_parameters:
        return _contradiction(fact_id, said[0], holds, found.evidence)
    if shape and shape[0] > FAR * found.most_parameters:
        return _contradiction(fact_id, Claim(shape[0], shape[2]), holds, found.evidence)
    if not said:
        return _unweighed(fact_id, found, "nobody says how many parameters there are")
    value = f"{_count(said[0].num_parameters)} parameters claimed, {holds}"
    return Fact(id=fact_id, status="proved", value=value, evidence=(said[0].evidence, *found.evidence))


def _contradiction(fact_id: str, claim: Claim, holds: str, against: tuple[Evidence, ...]) -> Fact:
    note = f"{_count(claim.num_parameters)} parameters are claimed, and {holds}"
    return Fact(id=fact_id, status="refuted", gap="missing", evidence=(claim.evidence, *against), note=note)


def _unweighed(fact_id: str, found: Held, note: str) -> Fact:
    return Fact(id=fact_id, status="unknown", gap="unchecked", evidence=found.evidence, note=note)


def _count(number: float) -> str:
    """A number of parameters as people write it."""
    for unit, size in (("trillion", 1e12), ("billion", 1e9), ("million", 1e6), ("thousand", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.0f}"


def _checkpoints(facts: Facts, subject: Subject) -> Iterator[Fact]:
    for snapshot in subject.snapshots:
        equal = equal_checkpoints(snapshot)
        if equal:
            evidence = tuple(listing_evidence(snapshot, entry, "content.equal") for entry in equal[:3])
            note = f"{len(equal)} checkpoints are equal: they show nothing of the training between them"
            yield Fact(
                id="intermediate_parameters.content", status="refuted", gap="missing", evidence=evidence, note=note
            )
            if facts.proved("intermediate_parameters.present"):
                yield Fact(
                    id="intermediate_parameters.present", status="unknown", gap="missing", evidence=evidence, note=note
                )


def _small(facts: Facts, subject: Subject) -> Iterator[Fact]:
    """Code and data of a few bytes: their files are there, and what they are to hold is not."""
    for component in (*CODE, *DATA):
        fact = facts[f"{component}.present"]
        files = _files(fact, subject, is_data=component in DATA) if fact.status == "proved" else []
        sizes = [entry.size_bytes for _, entry in files]
        if not files or None in sizes:
            continue
        total = sum(size or 0 for size in sizes)
        tokens = least_tokens(subject) if component in DATA else None
        if total < FEW_BYTES or (tokens is not None and tokens > TOKENS_IN_A_BYTE * total):
            note = f"all files that stand for it have {total} bytes together"
            yield replace(fact, status="unknown", gap="unchecked", value=None, note=note)


def _files(fact: Fact, subject: Subject, *, is_data: bool) -> list[tuple[Snapshot, Entry]]:
    """The files that a fact rests on, with all source files, or data, of the folders they are in."""
    named = {(e.file.partition("/")[0], _path(e)) for e in fact.evidence if _is_file(e)}
    folders = {(snapshot, path.rpartition("/")[0]) for snapshot, path in named if "/" in path}
    kind = DATA_FILE if is_data else SOURCE
    return [
        (snapshot, entry)
        for snapshot in subject.snapshots
        for entry in snapshot.entries
        if (snapshot.name, entry.path) in named
        or (kind.search(entry.path) and (snapshot.name, entry.path.rpartition("/")[0]) in folders)
    ]


def _is_file(evidence: Evidence) -> bool:
    return bool(BY_FILE.match(evidence.rule)) and (evidence.lines is None or evidence.file.endswith(f"/{LISTING}"))


def _path(evidence: Evidence) -> str:
    return evidence.quote if evidence.file.endswith(f"/{LISTING}") else evidence.file.partition("/")[2]
