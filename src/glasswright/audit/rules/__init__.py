"""Rules that read texts, as data: one TOML file a story, and the engine that reads them.

    [[rules]]
    id = "data.withheld"             how evidence names it
    says = "the makers keep the data back"
    where = "prose"                  prose, code (blocks), or any
    about = ["this model"]           whose sentence it has to be (see sentences.py); this model, if not said
    denied = false                   a sentence that is denied before the match does not count; true: it does as well
    match = [...]                    one of these, in one sentence
    near = ["training"]              and one of these, in the sentence or its heading
    heading = [...]                  and one of these in the heading
    unless = ["evaluation"]          and none of these in the sentence or its heading
    examples.match = [...]           each is a test
    examples.not = [...]

In `near`, `heading` and `unless` a name from the file's `words` stands for its patterns; in a pattern, <name> does.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import Any, cast

from glasswright.audit.passages import Passage
from glasswright.audit.record import Evidence
from glasswright.audit.sentences import About, Names, Sentence, sentences
from glasswright.licenses.any_case import AnyCase

STORIES = ("data", "code", "documents", "claims", "weights", "terms")
MAX_MATCHES = 20  # of one rule in one passage
KEYS = {"id", "says", "where", "about", "denied", "match", "near", "heading", "unless", "examples"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ready to run."""

    id: str
    says: str
    where: str
    about: frozenset[About]
    may_be_denied: bool
    match: AnyCase
    near: AnyCase | None
    heading: AnyCase | None
    unless: AnyCase | None
    examples: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence that a rule speaks of, and where."""

    sentence: Sentence
    heading: str
    match: re.Match[str]
    evidence: Evidence


@lru_cache
def rules_of(story: str) -> tuple[Rule, ...]:
    """The rules of a story, by its file in this folder."""
    return tuple(_rule(entry, _words(story)) for entry in file_of(story)["rules"])


@lru_cache
def words(story: str, name: str) -> AnyCase:
    """One of the sets of words that a story's rules share."""
    return AnyCase(_words(story)[name])


@lru_cache
def file_of(story: str) -> dict[str, Any]:
    """What a file of this folder holds."""
    return tomllib.loads(files(__package__).joinpath(f"{story}.toml").read_text("utf-8"))


@lru_cache
def _words(story: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for name, patterns in file_of(story)["words"].items():
        known[name] = _joined(patterns, known)
    return known


@lru_cache
def rule(rule_id: str) -> Rule:
    """A rule by its id, whose first word is its story's."""
    story = next(story for story in STORIES if story.startswith(rule_id.split(".")[0]))
    return next(r for r in rules_of(story) if r.id == rule_id)


def hits(rule_id: str, passages: tuple[Passage, ...], names: Names) -> list[Hit]:
    """Where a rule speaks, in order, a place once."""
    found: dict[tuple[str, tuple[int, int] | None], Hit] = {}
    for passage in passages:
        for hit in _in_passage(rule(rule_id), passage, names):
            found.setdefault((hit.evidence.file, hit.evidence.lines), hit)
    return list(found.values())


def _in_passage(rule: Rule, passage: Passage, names: Names) -> Iterator[Hit]:
    if rule.where != "any" and passage.is_code != (rule.where == "code"):
        return
    if rule.heading and not rule.heading.search(passage.heading):
        return
    text = passage.text
    if not rule.match.search(text):
        return
    for sentence in _sentences(passage, text, names):
        if sentence.about not in rule.about:
            continue
        context = f"{passage.heading} {sentence.text}"
        if (rule.near and not rule.near.search(context)) or (rule.unless and rule.unless.search(context)):
            continue
        for match in islice(rule.match.pattern.finditer(text, sentence.start, sentence.end), MAX_MATCHES):
            if rule.may_be_denied or not sentence.is_denied(match.end()):
                yield Hit(sentence, passage.heading, match, passage.evidence(match, rule.id))


def _sentences(passage: Passage, text: str, names: Names) -> tuple[Sentence, ...]:
    """A block of code is one: its lines say what is run, of this model."""
    if passage.is_code:
        return (Sentence(0, len(text), text, "this model"),)
    return sentences(text, passage.heading, names)


def _rule(entry: dict[str, Any], words: Mapping[str, str]) -> Rule:
    if unknown := set(entry) - KEYS:
        raise ValueError(f"{entry.get('id')}: unknown keys {sorted(unknown)}")
    examples = {kind: tuple(entry["examples"][kind]) for kind in ("match", "not")}
    return Rule(
        id=entry["id"],
        says=entry["says"],
        where=entry.get("where", "prose"),
        about=frozenset(cast(list[About], entry.get("about", ["this model"]))),
        may_be_denied=entry.get("denied", False),
        match=AnyCase(_joined(entry["match"], words)),
        near=_optional(entry.get("near"), words),
        heading=_optional(entry.get("heading"), words),
        unless=_optional(entry.get("unless"), words),
        examples=examples,
    )


def _optional(patterns: list[str] | None, words: Mapping[str, str]) -> AnyCase | None:
    """Of patterns, or of words by their names."""
    if patterns is None:
        return None
    return AnyCase("|".join(words[p] if p in words else _joined([p], words) for p in patterns))


def _joined(patterns: list[str], words: Mapping[str, str]) -> str:
    one = "|".join(patterns)
    return re.sub(r"<(\w+)>", lambda m: f"(?:{words[m[1]]})", one)
