"""What a card says in sentences of what the model was made from: "fine-tuned from X", "quantizations of X".

A sentence counts if it is about this model: not about another, not advice to the reader, not what might be. After
"on" stands a data set as often as a model, so there only the name of a known model counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from glasswright.audit.lineage_places import Mention, Relation, hub_name
from glasswright.audit.passages import Passage
from glasswright.audit.sentences import Names, sentences
from glasswright.audit.subject import Snapshot, Subject
from glasswright.audit.voices import names, prose, root_voices
from glasswright.licenses.model_licenses import known_model

MAX_SENTENCE_CHARACTERS = 1_000
MAX_NAMES = 8  # in one sentence
NAME = re.compile(r"\b[\w-]{2,}/[\w.+-]+|\b[A-Z][\w.+-]*(?:[ -](?=[A-Z\d])[\w.+-]+){0,5}")


# What may stand between "from" and the name.
ARTICLES = (
    r"(?:(?:the|an?|our|its|original|pre-?trained|base|models?|weights|of|outputs?|responses|[\w-]+['’]s)\b\s*"
    r"|[^\w\s]\s*)*"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """Words, a link and a name that together say a relation."""

    relation: Relation
    pattern: re.Pattern[str]


def _rule(relation: Relation, words: str, link: str) -> _Rule:
    before = rf"(?i:(?<![\w-])(?:{words})(?![\w-])[^.;]{{0,40}}?\b(?P<link>{link})\s+{ARTICLES})"
    return _Rule(relation, re.compile(rf"{before}(?P<name>{NAME.pattern})"))


TUNED = (
    r"fine-?tun(?:ed|e|ing)|post-?trained|instruction-?tuned|continu(?:ed|al|ally|ous) (?:pre-?)?train\w*"
    r"|further (?:pre-?)?trained|initiali[sz]ed|derived|warm-?started|built|based|trained"
)
PUT_OUT = r"trained[^.;]{0,40}?\b(?:outputs?|responses|completions|traces|generations)"
RULES = (
    _rule("quantized", r"quanti[sz]ed|quanti[sz]ations?|GGUF|GPTQ|AWQ|EXL2", "of|from|for"),
    _rule("merge", r"merged?|merging|frankenmerge", "of|from|between"),
    _rule("adapter", r"Q?LoRA(?: adapters?| weights)?|adapters?(?: weights)?", "for|of|on"),
    _rule("distilled", r"distill?(?:ed|ation|s)?", "from|of|by|with|using"),
    _rule("distilled", PUT_OUT, "of|from|by"),
    _rule("finetune", TUNED, "from|on top of|upon|on|of"),
)
NOT_SO = re.compile(r"(?i)\b(?:not|never|without|unlike|cannot|rather than|instead of|isn.t|wasn.t|nor)\b[^.;]{0,40}$")
NOT_THIS = re.compile(
    r"(?i)\b(?:you|your|users?|if|e\.g\.|for example|such as|compared?|than|outperform\w*|inspired|whereas|other|they"
    r"|their|can be|could|may|might|should|similar)\b"
)
ADVICE = re.compile(
    r"(?i)citation|usage|how to|fine-?tuning|example|quick|inference|baseline|benchmark|evaluation|news|deploy"
)
ONLY_A_PART = re.compile(
    r"(?i)\b(?:architecture|tokeni[sz]er|codebase|code|framework|library|style|recipe|design|structure|implementation"
    r"|template|format|vocabulary|script|paper|config\w*)\b"
)
LINK = re.compile(r"\[([^\]]{1,200})\]\(([^)\s]{1,300})\)")
WHOLE = re.compile(r"(?s).+")
NAMED_MODEL = re.compile(
    r"\b[A-Za-z][\w.]*(?:-[\w.]+)*-\d+(?:\.\d+)?[BbMm]\b[\w.-]*|\b[A-Za-z][\w.]*(?:-[A-Z][\w.]+){2,}"
)
SEVERAL = ("merge", "distilled")
NEAR = 30  # characters after a name that may say that only a part of the model was taken
SIZED = re.compile(r"(?i)\d+(?:\.\d+)?[BM]\b")
MADE_FROM = re.compile(r"(?i)from|of|top|upon|for")


def prose_mentions(snapshot: Snapshot) -> Iterator[Mention]:
    """Every parent that its card and root readme name in sentences about this model."""
    own = _plain(snapshot.repo.rsplit("/", 1)[-1])
    alone = Subject(snapshot.name, (snapshot,))
    for passage in prose(root_voices(alone)):
        if not ADVICE.search(passage.heading.rsplit(" > ", 1)[-1]):
            yield from _passage(passage, names(alone), own)


def _passage(passage: Passage, known: Names, own: str) -> Iterator[Mention]:
    for sentence in sentences(passage.text, passage.heading, known):
        text = LINK.sub(_linked, sentence.text[:MAX_SENTENCE_CHARACTERS])
        if sentence.about == "this model" and not NOT_THIS.search(text):
            place = WHOLE.match(passage.text, sentence.start, sentence.end)
            for name, relation in _parents(text, own):
                yield Mention(name, relation, passage.evidence(place, "lineage.prose"))


def _parents(sentence: str, own: str) -> Iterator[tuple[str, Relation]]:
    for rule in RULES:
        for found in islice(rule.pattern.finditer(sentence), MAX_NAMES):
            if _is_of_another(sentence[: found.start()], own):
                continue
            last = len(sentence) if rule.relation in SEVERAL else found.end()
            for name in islice(NAME.finditer(sentence, found.start("name"), last), MAX_NAMES):
                parent = None if _is_aside(sentence, name) else _parent(name.group(), found["link"], own)
                if parent is not None:
                    yield parent, rule.relation


def _is_aside(sentence: str, name: re.Match[str]) -> bool:
    """Whether a name stands behind a "not", or before a word for a part of a model."""
    return bool(NOT_SO.search(sentence[: name.start()]) or ONLY_A_PART.search(sentence, name.end(), name.end() + NEAR))


def _parent(text: str, link: str, own: str) -> str | None:
    """The model that a name in a sentence is; None where it may be no model, or is this one."""
    words = text.rstrip(".-").split(" ")
    for end in range(len(words), 0, -1):
        name = "-".join(words[:end])
        if _plain(name.rsplit("/", 1)[-1]).startswith(own):
            return None
        if known_model(name) is not None:
            return name
    name = "-".join(words)
    is_model = bool(MADE_FROM.match(link)) and ("/" in name or SIZED.search(name))
    return hub_name(name) or name if is_model else None


def _is_of_another(before: str, own: str) -> bool:
    """Whether another model is what the sentence speaks of."""
    return any(_plain(named) != own for named in NAMED_MODEL.findall(before))


def _linked(match: re.Match[str]) -> str:
    """A link to a model as its name there; any other as its text."""
    if re.match(r"https?://(?:huggingface\.co|hf\.co)/(?!datasets/|spaces/|papers/)", match[2]):
        return hub_name(match[2]) or match[1]
    return match[1]


def _plain(name: str) -> str:
    return re.sub(r"\W|_", "", name).lower()
