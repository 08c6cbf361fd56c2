"""What a card says of the models that one was made from: "fine-tuned from X", "Base model: X", 基于X微调.

A sentence counts if it is about this model: not about another, not advice to the reader, not what might be. After
some links stands a data set as often as a model, so there only the name of a known model counts. And in any language,
a model with restricted terms that a card names, other than to compare, may be a parent until somebody says that it is
none: this is what keeps a relation in words that nobody thought of from being proved open.

The words are in rules/lineage.toml.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from glasswright.audit.lineage_places import NAMED, Mention, Relation, hub_name, key
from glasswright.audit.passages import Passage
from glasswright.audit.record import Evidence
from glasswright.audit.rules import file_of
from glasswright.audit.sentences import Names, Sentence, is_own, sentences
from glasswright.audit.subject import Document, Snapshot, Subject
from glasswright.audit.voices import names, prose, root_voices
from glasswright.licenses import is_open
from glasswright.licenses.model_licenses import known_model

MAX_SENTENCE_CHARACTERS = 1_000
MAX_LINE_CHARACTERS = 500
MAX_NAMES = 8  # in one sentence
# ASCII: in Chinese and Japanese no space stands beside a name.
NAME = re.compile(
    r"(?a:\bhuggingface\.co/[\w.-]+/[\w.+-]+|\b[\w-]{2,}/[\w.+-]+"
    r"|\b[A-Z][\w.+-]*(?:(?<!\.)[ -](?=[A-Z\d])[\w.+-]+){0,5})"
)
# What may stand between "from" and the name.
ARTICLES = (
    r"(?:(?:the|an?|our|its|original|pre-?trained|base|models?|weights|of|outputs?|responses|[\w-]+['’]s)\b\s*"
    r"|[^\w\s]\s*)*"
)
LINK = re.compile(r"\[([^\]]{1,200})\]\(([^)\s]{1,300})\)")
HUB_MODEL = re.compile(r"https?://(?:huggingface\.co|hf\.co)/(?!datasets/|spaces/|papers/)")
NOT_SO = re.compile(r"(?i)\b(?:not|never|without|unlike|cannot|rather than|instead of|isn.t|wasn.t|nor)\b[^.;]{0,40}$")
NAMED_MODEL = re.compile(
    r"\b[A-Za-z][\w.]*(?:-[\w.]+)*-\d+(?:\.\d+)?[BbMm]\b[\w.-]*|\b[A-Za-z][\w.]*(?:-[A-Z][\w.]+){2,}"
)
HUB = "huggingface.co/"
HUB_LINK = re.compile(r"huggingface\.co/(?P<owner>[\w-]{1,100})/(?P<model>[\w.+-]{1,100})")
MAX_LINKS = 200  # in one document
TELLING = re.compile(r"[A-Z\d_-]")  # of a name on a hub, where two words with a stroke between them have none
LEGAL = re.compile(r"(?i)licen[sc]e|agreement|terms|policy")
FILE = re.compile(r"\.(?:py|md|json|ya?ml|txt|sh|ipynb)$")
SIZED = re.compile(r"(?i)\d+(?:\.\d+)?[BM]\b")
MADE_FROM = re.compile(r"(?i)from|of|top|upon|for|over")
FIELD = r"^[\s>*_|-]*(?:{})\s*[*_]*\s*[:|][\s*_|`]*"
SEVERAL = ("merge", "distilled")
NUMBER = re.compile(r"\d")
WHOLE = re.compile(r"(?s).+")


@dataclass(frozen=True, slots=True)
class _Words:
    """rules/lineage.toml, ready to search with."""

    relations: tuple[tuple[Relation, re.Pattern[str]], ...]
    fields: tuple[tuple[Relation, re.Pattern[str]], ...]
    unless: re.Pattern[str]
    compares: re.Pattern[str]
    part_before: re.Pattern[str]  # of a name
    part_behind: re.Pattern[str]
    advice: re.Pattern[str]
    lists: re.Pattern[str]


def prose_mentions(snapshot: Snapshot) -> Iterator[Mention]:
    """Every parent that its card and root readme name in words about this model.

    The readme of a code repository speaks of many models: there only a sentence that says the relation counts.
    """
    own = key(snapshot.repo)
    alone = Subject(snapshot.name, (snapshot,))
    made = frozenset({own, *_by_its_makers(snapshot, root_voices(alone))})
    for passage in prose(root_voices(alone)):
        heading = passage.heading.rsplit(" > ", 1)[-1]
        if not _words().advice.search(heading):
            yield from _sentences(passage, names(alone), own, made)
            if snapshot.kind == "model" and not _words().lists.search(heading):
                yield from _fields(passage, own)
                yield from _restricted(passage, names(alone), snapshot)


def _by_its_makers(snapshot: Snapshot, documents: list[Document]) -> Iterator[str]:
    """The models on a hub that its documents link to under its own owner's name: what is said of them is said of it."""
    owner = snapshot.repo.rpartition("/")[0].lower()
    for document in documents if owner else ():
        for name in islice(HUB_LINK.finditer(document.text), MAX_LINKS):
            if name["owner"].lower() == owner:
                yield key(name["model"])


def _fields(passage: Passage, own: str) -> Iterator[Mention]:
    """Names in lines and cells that are called so."""
    start = 0
    for line in passage.lines:
        text = LINK.sub(_linked, line[:MAX_LINE_CHARACTERS])
        for relation, pattern in _words().fields:
            if (field := pattern.match(text)) and (name := NAME.match(text, field.end())):
                place = WHOLE.match(passage.text, start, start + len(line))
                if parent := _parent(name.group(), "from", own):
                    yield Mention(parent, relation, passage.evidence(place, "lineage.prose"))
        start += len(line) + 1


def _sentences(passage: Passage, called: Names, own: str, made: frozenset[str]) -> Iterator[Mention]:
    """Names behind words of a relation."""
    for sentence, text in _about_it(passage, replace(called, own=called.own | made)):
        for name, relation in _parents(text, own, made) if sentence.about == "this model" else ():
            if not (is_own(name.rpartition("/")[2], called) and _is_of_siblings(text, name, made - {own})):
                yield Mention(name, relation, _place(passage, sentence, "lineage.prose"))


def _is_of_siblings(text: str, name: str, made: frozenset[str]) -> bool:
    """Whether makers speak of two of their own models, or of their family by its name alone."""
    first = NAMED_MODEL.search(text)
    return not ("/" in name or NUMBER.search(name)) or (first is not None and key(first.group()) in made)


def _parents(text: str, own: str, made: frozenset[str]) -> Iterator[tuple[str, Relation]]:
    for relation, pattern in _words().relations:
        for found in islice(pattern.finditer(text), MAX_NAMES):
            if _is_of_another(text[: found.start()], made):
                continue
            last = len(text) if relation in SEVERAL else found.end("name")
            for name in islice(NAME.finditer(text, found.start("name"), last), MAX_NAMES):
                parent = None if _is_aside(text, name) else _parent(name.group(), found["link"], own)
                if parent is not None:
                    yield parent, relation


def _restricted(passage: Passage, called: Names, snapshot: Snapshot) -> Iterator[Mention]:
    """Names of models that others restrict, outside of tables."""
    owner, _, own = snapshot.repo.rpartition("/")
    if passage.lines[0].lstrip().startswith("|"):
        return
    for sentence, text in _about_it(passage, called):
        for name in islice(NAME.finditer(text), MAX_NAMES) if not _words().compares.search(text) else ():
            is_part = _words().part_before.search(text[: name.start()]) is not None
            parent = None if is_part or _is_aside(text, name) else _known(name.group(), key(own))
            if parent and _is_restricted(parent) and not _is_by(owner, parent):
                yield Mention(parent, "finetune", _place(passage, sentence, NAMED))


def _is_restricted(name: str) -> bool:
    """Whether it is a model that others restrict; a family's name without a number may be that of a format."""
    known = known_model(name)
    return known is not None and not is_open(known.license, "weights") and (known.is_sure or bool(NUMBER.search(name)))


def _is_by(owner: str, name: str) -> bool:
    known = known_model(f"{owner}/{name.rsplit('/', 1)[-1]}")
    return known is not None and known.is_by_maker


def _about_it(passage: Passage, called: Names) -> Iterator[tuple[Sentence, str]]:
    """The sentences about this model or its parent, with links to models as addresses."""
    for sentence in sentences(passage.text, passage.heading, called):
        text = LINK.sub(_linked, sentence.text[:MAX_SENTENCE_CHARACTERS])
        if sentence.about in ("this model", "its parent") and not _words().unless.search(text):
            yield sentence, text


def _place(passage: Passage, sentence: Sentence, rule: str) -> Evidence:
    return passage.evidence(WHOLE.match(passage.text, sentence.start, sentence.end), rule)


def _is_aside(text: str, name: re.Match[str]) -> bool:
    """Whether a name stands behind a "not", or before a word for a part of a model."""
    return bool(NOT_SO.search(text[: name.start()]) or _words().part_behind.match(text, name.end()))


def _parent(text: str, link: str, own: str) -> str | None:
    """The model that a name in a sentence is; None where it may be no model, or is this one."""
    if (known := _known(text, own)) is not None:
        return known or None
    name = text.rstrip(".-").replace(" ", "-")
    if FILE.search(name):
        return None
    is_named = name.startswith(HUB) or SIZED.search(name) or ("/" in name and TELLING.search(name))
    return hub_name(name) or name if is_named and MADE_FROM.match(link) else None


def _known(text: str, own: str) -> str | None:
    """The longest beginning of some words that is a known model's name; "" where it is this model's; else None."""
    if LEGAL.search(text):
        return None
    words = text.removeprefix(HUB).rstrip(".-").removesuffix("-based").split(" ")
    for end in range(len(words), 0, -1):
        name = "-".join(words[:end])
        if key(name) == own:
            return ""
        if known_model(name) is not None:
            return name
    return None


def _is_of_another(before: str, made: frozenset[str]) -> bool:
    """Whether the sentence speaks of another model: of one not by its makers, or that it does not begin with."""
    return any(
        key(named.group()) not in made or before[: named.start()].strip("*_[ ")
        for named in NAMED_MODEL.finditer(before)
    )


def _linked(match: re.Match[str]) -> str:
    """A link to a model as its address there; any other as its text."""
    name = hub_name(match[2]) if HUB_MODEL.match(match[2]) else None
    return match[1] if name is None else f"{HUB}{name}"


@lru_cache(maxsize=1)
def _words() -> _Words:
    said = file_of("lineage")
    return _Words(
        relations=tuple(_relation(entry) for entry in said["relations"]),
        fields=tuple((relation, _any(called, FIELD)) for relation, called in said["fields"].items()),
        unless=_any(said["unless"], "(?:{})"),
        compares=_any(said["compares"], "(?:{})"),
        part_before=_any(said["part"], r"\b(?:{})\s+(?:of|as|like|in)\s+(?:the\s+)?$"),
        part_behind=_any(said["part"], r"(?:['’]s)?[\s-]+(?:[\w-]+\s+)?(?:{})s?\b"),
        advice=_any(said["advice"], "(?:{})"),
        lists=_any(said["lists"], r"\b(?:{})\b"),
    )


def _relation(entry: dict[str, Any]) -> tuple[Relation, re.Pattern[str]]:
    words, link, after = "|".join(entry["words"]), entry["link"], "|".join(entry.get("after", ()))
    before = rf"(?i:(?<![\w-])(?:{words})(?![\w-])[^.;]{{0,40}}?\b(?P<link>{link})\s*{ARTICLES})"
    behind = f"(?=[^.;]{{0,20}}(?i:{after}))" if after else ""
    return entry["relation"], re.compile(f"{before}(?P<name>{NAME.pattern}){behind}")


def _any(patterns: list[str], form: str) -> re.Pattern[str]:
    return re.compile(form.format("|".join(patterns)), re.IGNORECASE)
