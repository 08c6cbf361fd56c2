"""What the files hold, weighed against what is claimed of them: a name in a listing is not the thing.

    final_parameters.content         the files can hold the parameters that name, card and config claim
    intermediate_parameters.content  the checkpoints differ

A claim that the files contradict is refuted, with both places, and the component is then not proved. That it is missing
is not said, for it may lie elsewhere. Data in files of a few bytes is not proved either; so is code, in
`listing_rules`.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from glasswright.audit.listing_rules import MIN_CODE_BYTES, listing_evidence
from glasswright.audit.record import Evidence, Fact, Facts, Gap, Status
from glasswright.audit.scale_rules import least_tokens
from glasswright.audit.subject import DATA_FILE, LISTING, Subject
from glasswright.audit.weighing import Claim, Held, Shape, claims, equal_checkpoints, held, missing_parts, shaped

FAR = 2  # a name rounds, and an embedding may be counted or not
TOKENS_IN_A_BYTE = 20  # of the best compressed text
WEIGHTS = ("final_parameters.present", "base_parameters.present")
DATA = ("datasets_base.present", "datasets_tuning.present")
ADAPTER = re.compile(r"(?:^|/)adapter_(?:config\.json|model\.)")
ADDITION = re.compile(  # names of what is put on a model, or beside it, and is smaller than it
    r"(?i)lora|adapter|eagle|medusa|\bdraft|speculat|projector|mm_?proj|delta|steering|control[- ]?vector|\bsae\b|probe"
)
BY_FILE = re.compile(r"file\.|release\.|data\.files")  # rules whose evidence is a file


def with_content(facts: Facts, subject: Subject) -> Facts:
    """The facts of a subject once its files have been weighed."""
    for fact in [*_weights(facts, subject), *_checkpoints(facts, subject), *_data(facts, subject)]:
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
    elif content.gap == "missing":
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
    """Whether the files can hold what is claimed. Its gap is `missing` wherever they cannot."""
    fact_id = "final_parameters.content"
    if missing := missing_parts(subject):
        note = f"of the numbered parts of the weights, {missing[0]} is not in the listing"
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=found.evidence, note=note)
    if any(ADAPTER.search(entry.path) for s in subject.snapshots for entry in s.entries):
        return _unweighed(fact_id, found, "an adapter is smaller than the model it is for")
    said = claims(subject)
    short = _contradiction(found, said, shaped(subject))
    if short is not None:
        evidence, note = short
        called = next((s.repo for s in subject.snapshots if ADDITION.search(s.repo)), None)
        if called is not None:
            note = f"{note}; {called} is called like an addition to a model"
        status: Status = "refuted" if called is None else "unknown"
        return Fact(id=fact_id, status=status, gap="missing", evidence=evidence, note=note)
    if found.most_parameters is None:
        return _unweighed(fact_id, found, "how much the files of weights hold is not in the evidence")
    if not said:
        return _unweighed(fact_id, found, "nobody says how many parameters there are")
    value = f"{_count(said[0].num_parameters)} parameters claimed, {_holds(found.most_parameters)}"
    return Fact(id=fact_id, status="proved", value=value, evidence=(said[0].evidence, *found.evidence))


def _contradiction(found: Held, said: list[Claim], shape: Shape | None) -> tuple[tuple[Evidence, ...], str] | None:
    """Where claims, config and files are far apart: the places, and how far."""
    most = found.most_parameters
    if said and shape and said[0].num_parameters > FAR * shape.most:
        told = f"a model of the sizes in config.json has at most {_count(shape.most)}"
        return (said[0].evidence, shape.evidence), _against(said[0].num_parameters, told)
    if said and most is not None and said[0].num_parameters > FAR * most:
        return (said[0].evidence, *found.evidence), _against(said[0].num_parameters, _holds(most))
    if shape and most is not None and shape.least > FAR * most:
        return (shape.evidence, *found.evidence), _against(shape.least, _holds(most))
    return None


def _against(claimed: float, told: str) -> str:
    return f"{_count(claimed)} parameters are claimed, and {told}"


def _holds(most: float) -> str:
    return f"the files can hold {_count(most)}"


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


def _data(facts: Facts, subject: Subject) -> Iterator[Fact]:
    """Data in files that are empty, or that hold far too little: the files are there, and the data is not."""
    claimed = least_tokens(subject)
    for fact_id in DATA:
        fact = facts[fact_id]
        sizes = _data_sizes(fact, subject) if fact.status == "proved" else []
        if not sizes or None in sizes:
            continue
        total = sum(size or 0 for size in sizes)
        if total < MIN_CODE_BYTES or (claimed is not None and claimed > TOKENS_IN_A_BYTE * total):
            note = f"all files of data have {total:,} bytes together"
            note += "" if claimed is None else f", and {_count(claimed)} tokens are claimed"
            yield replace(fact, status="unknown", gap="unchecked", value=None, note=note)


def _data_sizes(fact: Fact, subject: Subject) -> list[int | None]:
    """The sizes of all data in the snapshots whose files a fact rests on."""
    named = {evidence.file.partition("/")[0] for evidence in fact.evidence if _is_file(evidence)}
    return [
        entry.size_bytes
        for snapshot in subject.snapshots
        for entry in snapshot.entries
        if snapshot.name in named and DATA_FILE.search(entry.path)
    ]


def _is_file(evidence: Evidence) -> bool:
    return bool(BY_FILE.match(evidence.rule)) and (evidence.lines is None or evidence.file.endswith(f"/{LISTING}"))
