"""What is known of the training data: in reach, named, kept back, or described so that nobody can tell what it was.

    in reach     a link to where data is held, a card's `datasets:`, a file that a text names    proved
    capped       the same, and "proprietary", "additional", "publicly available" data beside it  proved, partly
    stated       the makers say that it is shared, and no place                                  unknown
    kept back    "we do not release the training data"                                           refuted
    named        known sources, and no place to get them as they were used                       unknown
    described    "publicly available sources", "proprietary data", a size                        unknown
    else         nothing is said                                                                 unknown

Base and tuning data are told apart by the words around them. The base data of a model that was made from another's is
a question for that other: its name is in `datasets_base.present`.
"""

import re
from dataclasses import dataclass, field
from itertools import islice

from glasswright.audit.listing_rules import listing_evidence, search_listing
from glasswright.audit.passages import front_matter
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.rules import Hit, hits, words
from glasswright.audit.sentences import Names
from glasswright.audit.subject import DATA_FILE, Document, Subject
from glasswright.audit.voices import everything, names, root_voices, voices

MAX_EVIDENCE = 4
MAX_DATA_FILES = 200  # of a listing, looked for in the texts
MIN_DATA_BYTES = 200_000  # a smaller file is a sample of the format
NOT_USED = re.compile(r"(?i)eval|bench|test|example|sample|demo|mock|toy|random")
DATA_NAME = re.compile(r"(?i)data|corpus|instruct|dialog|conversation")


@dataclass(slots=True)
class Found:
    """What was found for one kind of training data."""

    linked: list[Evidence] = field(default_factory=list)
    stated: list[Evidence] = field(default_factory=list)
    named: list[Evidence] = field(default_factory=list)
    withheld: list[Evidence] = field(default_factory=list)
    capped: list[Evidence] = field(default_factory=list)
    vague: list[Evidence] = field(default_factory=list)
    size: list[Evidence] = field(default_factory=list)
    is_whole: bool = False  # what is linked is said to be what the model was trained on, and not a part of it


RULES = {
    "linked": ("data.linked",),
    "stated": ("data.stated_shared",),
    "named": ("data.named",),
    "withheld": ("data.withheld",),
    "capped": ("data.capped",),
    "vague": ("data.vague",),
    "size": ("data.size",),
}


def data_facts(subject: Subject, *, is_tuned: bool, only_tunes: bool) -> list[Fact]:
    """What the evidence says of the training data.

    `is_tuned`: a tuned model is released; `only_tunes`: the code tunes, and nothing in it trains from the beginning.
    """
    documents, called = voices(subject), names(subject)
    text = tuple(everything([d for d in documents if not d.language_problem]))
    made_from = _made_from(subject, called)
    base, tuning = Found(), Found()
    rest = tuning if made_from is not None or only_tunes else base  # what no word gives to either
    for kind, rules in RULES.items():
        for hit in (hit for rule in rules for hit in hits(rule, text, called)):
            if kind == "linked" and _is_shown_to_the_reader(hit):
                continue
            for aim in _aims(hit, base, tuning, rest):
                _add(getattr(aim, kind), hit.evidence)
                aim.is_whole |= kind == "stated" or (kind == "linked" and _is_whole(hit))
    _dataset_snapshots(subject, rest)
    _front_matter_datasets(documents, rest, tuning)
    _named_files(subject, documents, rest, tuning)
    if not is_tuned and rest is base:  # how to tune it is for the reader
        tuning = Found()
    described = [hit.evidence for hit in hits("data.tuned", text, called)] if is_tuned else []
    return [
        _judge("datasets_base", base) if made_from is None else _of_the_parent(made_from, called),
        _judge_tuning(_judge("datasets_tuning", tuning), described),
        _preparation([hit.evidence for hit in hits("data.preparation", text, called)]),
    ]


def _made_from(subject: Subject, called: Names) -> list[Evidence] | None:
    """Where it is said that another's model is the base of this one, unless it says that it was pretrained itself."""
    if not called.parents or called.has_own_base:
        return None
    text = tuple(everything(root_voices(subject)))
    if any(not _is_tuning(hit) for hit in hits("data.pretrained_here", text, called)):
        return None
    return [hit.evidence for hit in hits("data.made_from", text, called)][:2]


def _of_the_parent(places: list[Evidence], called: Names) -> Fact:
    name = ", ".join(sorted(called.parents)[:3])
    return Fact(id="datasets_base.present", status="unknown", gap="unreachable", value="of the parent",
                evidence=tuple(places), note=f"made from {name}: a question for that model")  # fmt: skip


def _aims(hit: Hit, base: Found, tuning: Found, rest: Found) -> tuple[Found, ...]:
    """Which data a sentence is about."""
    if words("data", "both").search(hit.sentence.text):
        return (base, tuning)
    if _is_tuning(hit):
        return (tuning,)
    return (base,) if words("data", "pretraining").search(f"{hit.heading} {hit.sentence.text}") else (rest,)


def _is_tuning(hit: Hit) -> bool:
    """By the sentence, and where it does not say, by its heading."""
    text, heading = hit.sentence.text, hit.heading
    tuning, pretraining = words("data", "tuning"), words("data", "pretraining")
    if tuning.search(text) or pretraining.search(text):
        return bool(tuning.search(text)) and not (pretraining.search(text) and not tuning.search(hit.match.group()))
    return bool(tuning.search(heading)) and not pretraining.search(heading)


def _is_whole(hit: Hit) -> bool:
    return bool(words("data", "whole").search(f"{hit.heading} {hit.sentence.text}"))


def _is_shown_to_the_reader(hit: Hit) -> bool:
    """Under the heading of a tutorial, and not said to be what the makers did."""
    below_title = hit.heading.partition(" > ")[2]
    return bool(words("data", "tutorial").search(below_title)) and not words("data", "ours").search(hit.sentence.text)


def _add(places: list[Evidence], place: Evidence) -> None:
    """Keep a place once, however often it is found."""
    if all((known.file, known.lines) != (place.file, place.lines) for known in places):
        places.append(place)


def _dataset_snapshots(subject: Subject, base: Found) -> None:
    for snapshot in subject.snapshots:
        if snapshot.kind == "dataset":
            base.is_whole = True
            base.linked.extend(
                e for f in search_listing(snapshot) if f.component == "dataset_files" for e in f.evidence[:2]
            )


def _front_matter_datasets(documents: list[Document], base: Found, tuning: Found) -> None:
    for document in documents:
        line, sets = front_matter(document).get("datasets", (0, []))
        for name in sets:
            evidence = Evidence(
                file=document.where, lines=(line, line), quote=f"datasets: {name}", rule="data.card_datasets"
            )
            aim = tuning if words("data", "tuning").search(name) else base
            aim.linked.append(evidence)
            aim.is_whole = True


def _named_files(subject: Subject, documents: list[Document], base: Found, tuning: Found) -> None:
    """Files of data in a listing, beside the code, that a text of the release names."""
    text = "\n".join(document.text for document in documents)
    size = MIN_DATA_BYTES
    for snapshot in subject.snapshots:
        large = (e for e in snapshot.entries if _holds_data(e.path) and (e.size_bytes or size) >= size)
        for entry in islice(large, MAX_DATA_FILES):
            at = _mentioned(text, entry.path)
            around = text[max(0, at - 200) : at + 200]
            if at < 0 or NOT_USED.search(entry.path) or not words("data", "ours").search(around):
                continue
            aim = tuning if words("data", "tuning").search(f"{entry.path} {around}") else base
            aim.linked.append(listing_evidence(snapshot, entry, "data.file"))
            aim.is_whole |= bool(words("data", "whole").search(around))


def _mentioned(text: str, path: str) -> int:
    """Where a text names a file, or links to its folder; -1 if it does neither."""
    folder, _, name = path.rpartition("/")
    at = text.find(name)
    return at if at >= 0 or not folder else max(text.find(f"]({folder}"), text.find(f"](./{folder}"))


def _holds_data(path: str) -> bool:
    return bool(DATA_FILE.search(path) or (path.endswith((".json", ".txt", ".csv", ".tsv")) and DATA_NAME.search(path)))


def _judge(component: str, found: Found) -> Fact:
    fact_id = f"{component}.present"
    if found.linked:
        against = (*found.withheld, *found.capped, *found.vague)[:2]
        is_all = found.is_whole and not against
        note = "linked; the links were not followed" if is_all else "some is in reach; that it is all is not said"
        return Fact(id=fact_id, status="proved", value="linked" if is_all else "partly",
                    evidence=(*found.linked[:MAX_EVIDENCE], *against), note=note)  # fmt: skip
    if found.withheld:
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=tuple(found.withheld[:MAX_EVIDENCE]),
                    note="the makers say that it is not shared")  # fmt: skip
    for value, places, note in (
        ("stated", found.stated, "the makers say that it is shared; where is not told"),
        ("named", found.named, "sources are named; where to get the data as it was used is not told"),
        ("undisclosed", [*found.capped, *found.vague], "it is described, and no source of it is named"),
        ("size only", found.size, "its size is given, and nothing else"),
    ):
        if places:
            return Fact(id=fact_id, status="unknown", gap="unchecked", value=value,
                        evidence=tuple(places[:MAX_EVIDENCE]), note=note)  # fmt: skip
    return unchecked(fact_id, "nothing is said of this data")


def _judge_tuning(fact: Fact, tuned: list[Evidence]) -> Fact:
    if fact.gap == "unchecked" and not fact.evidence:
        note = "tuning is described, its data is not" if tuned else "no tuning is described"
        return Fact(id=fact.id, status="unknown", gap="unchecked", evidence=tuple(tuned[:MAX_EVIDENCE]),
                    value="tuned" if tuned else None, note=note)  # fmt: skip
    return fact


def _preparation(found: list[Evidence]) -> Fact:
    fact_id = "data_preparation.described"
    if found:
        return Fact(id=fact_id, status="proved", evidence=tuple(found[:MAX_EVIDENCE]))
    return unchecked(fact_id, "no filtering, cleaning or deduplication is described")
