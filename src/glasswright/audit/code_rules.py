"""Which code is published: what the files do, what the documents tell the reader to run, and what they say of it.

A file proves that code is there. That training code is not there is refuted by the makers' own words alone: a listing
without it leaves the question open, for it may lie elsewhere.
"""

import re

from glasswright.audit.listing_rules import Found, first_source_file, listing_evidence, roles, search_listing
from glasswright.audit.passages import Passage
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.rules import hits
from glasswright.audit.sentences import Names
from glasswright.audit.subject import Entry, Snapshot, Subject
from glasswright.audit.voices import everything, names, root_voices, voices

MAX_EVIDENCE = 6
BY_FILES = (
    "architecture_code",
    "inference_code",
    "evaluation_code",
    "preprocessing_code",
    "supporting_libraries",
    "tokenizer",
    "tuning_code",
    "data_mixture",
)
# What a text adds where the listings are silent: component -> rule
BY_WORDS = {
    "evaluation_code": "code.evaluation_named",
    "inference_code": "code.usage",
    "tokenizer": "code.tokenizer_named",
}
SCRIPT = re.compile(r"[\w./-]+\.(?:py|sh)\b")
COMMAND = re.compile(r"(?m)python|torchrun|bash|import ")
DOCUMENTATION = re.compile(r"(?i)(?:.*/)?docs?/.*\.(md|rst)$|tutorials?/.*\.(md|rst|ipynb)$")


def code_facts(subject: Subject) -> list[Fact]:
    """What code there is."""
    found = [f for snapshot in subject.snapshots for f in search_listing(snapshot)]
    text, called = tuple(everything(voices(subject))), names(subject)
    return [
        *(_component(name, found, text, called) for name in BY_FILES),
        _training(subject, found, text, called),
        _any_code(subject, text, called),
        _only_to_run(subject, called),
        _documented(subject),
    ]


def evidence_of(component: str, found: list[Found]) -> tuple[tuple[Evidence, ...], int]:
    """The evidence of a component over all listings: places, number of files."""
    of_it = [f for f in found if f.component == component]
    return tuple(e for f in of_it for e in f.evidence)[:MAX_EVIDENCE], sum(f.num_files for f in of_it)


def _component(name: str, found: list[Found], text: tuple[Passage, ...], called: Names) -> Fact:
    evidence, num_files = evidence_of(name, found)
    if evidence:
        return Fact(id=f"{name}.present", status="proved", value=f"{num_files} files", evidence=evidence)
    said = _said(BY_WORDS[name], text, called) if name in BY_WORDS else ()
    if said:
        return Fact(id=f"{name}.present", status="proved", value="described", evidence=said)
    return unchecked(f"{name}.present", "no file of that kind in the listings")


def _said(rule: str, text: tuple[Passage, ...], called: Names) -> tuple[Evidence, ...]:
    return tuple(hit.evidence for hit in hits(rule, text, called)[:3])


def _training(subject: Subject, found: list[Found], text: tuple[Passage, ...], called: Names) -> Fact:
    """Code for training the base model."""
    fact_id = "training_code.present"
    evidence, num_files = evidence_of("training_code", found)
    if evidence:
        return Fact(id=fact_id, status="proved", value=f"{num_files} files", evidence=evidence)
    if run := _run_by_the_reader(subject, text, called):
        return Fact(id=fact_id, status="proved", value=f"{len(run)} files", evidence=tuple(run[:MAX_EVIDENCE]))
    if released := _said("code.training_released", text, called):
        return Fact(id=fact_id, status="proved", value="linked", evidence=released, note="linked; not read")
    if withheld := _said("code.training_withheld", text, called):
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=withheld,
                    note="the makers say that it is not shared")  # fmt: skip
    return unchecked(fact_id, "no training code in the listings; it may be published elsewhere")


def _run_by_the_reader(subject: Subject, text: tuple[Passage, ...], called: Names) -> list[Evidence]:
    """Scripts of the listings that a command for training names, and the command."""
    places: list[Evidence] = []
    for hit in hits("code.training_command", text, called):
        for name in SCRIPT.findall(hit.match.string[hit.match.start() : hit.match.start() + 400]):
            there = None if _is_not_ours(name) else _listed(subject, name.removeprefix("./"))
            if there:
                places += [listing_evidence(*there, "file.training_code"), hit.evidence]
    return list(dict.fromkeys(places))


def _is_not_ours(path: str) -> bool:
    """Whether a script is a toy, an example, or a trainer of something else, by the rule's own words."""
    role = next(role for role in roles() if role.component == "training_code")
    return bool(role.unless_path and role.unless_path.search(path))


def _listed(subject: Subject, path: str) -> tuple[Snapshot, Entry] | None:
    for snapshot in subject.snapshots:
        for entry in snapshot.entries:
            if entry.path == path or entry.path.endswith(f"/{path}"):
                return snapshot, entry
    return None


def _any_code(subject: Subject, text: tuple[Passage, ...], called: Names) -> Fact:
    """Whether there is any source code at all; a whole listing without any is an answer."""
    fact_id = "source_code.present"
    files = [listing_evidence(s, entry, "file.source") for s in subject.snapshots if (entry := first_source_file(s))]
    if files:
        return Fact(id=fact_id, status="proved", evidence=tuple(files[:3]))
    if framework := _said("code.trained_with", text, called):
        note = "the documents name the code it was trained with, in a repository outside the evidence"
        return Fact(id=fact_id, status="unknown", gap="unreachable", evidence=framework[:2], note=note)
    listed = [s for s in subject.snapshots if s.entries]
    if listed and subject.is_listed_whole and all(s.kind == "code" for s in listed):
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=tuple(map(_whole_listing, listed)),
                    note="no source code in a whole listing")  # fmt: skip
    return unchecked(fact_id)


def _whole_listing(snapshot: Snapshot) -> Evidence:
    """A listing as evidence that something is not in it."""
    last = snapshot.entries[-1].line
    quote = f"{len(snapshot.entries)} files, none of them source code"
    where = snapshot.listing_file() if last else snapshot.name
    return Evidence(file=where, lines=(1, last) if last else None, quote=quote, rule="file.no_source")


def _only_to_run(subject: Subject, called: Names) -> Fact:
    said = _said("code.only_to_run", tuple(everything(root_voices(subject))), called)
    if said:
        return Fact(id="code_scope.only_to_run", status="proved", evidence=said)
    return unchecked("code_scope.only_to_run")


def _documented(subject: Subject) -> Fact:
    """Whether the code is explained: a documentation folder, readmes beside code, commands in the root readme."""
    fact_id = "code_documentation.present"
    readmes = [d for d in subject.documents if d.name.lower().startswith("readme") and d.depth > 0]
    docs = [(s, e) for s in subject.snapshots for e in s.entries if DOCUMENTATION.match(e.path)]
    roots = everything([d for d in voices(subject) if d.depth == 0])
    commands = [p for p in roots if p.is_code and COMMAND.search(p.text)]
    if 2 * (len(docs) >= 3) + (len(readmes) >= 3) + bool(commands) >= 2:
        beside = [Evidence(file=d.where, lines=(1, 1), quote=d.lines[0][:100], rule="code.readme") for d in readmes]
        shown = [p.evidence(None, "code.usage") for p in commands[:1]]
        listed = [listing_evidence(s, e, "code.documentation") for s, e in docs]
        return Fact(id=fact_id, status="proved", value="documentation beyond the readme",
                    evidence=tuple((beside or shown or listed)[:3]))  # fmt: skip
    if commands:
        return Fact(id=fact_id, status="proved", value="usage only",
                    evidence=(commands[0].evidence(None, "code.usage"),))  # fmt: skip
    return unchecked(fact_id)
