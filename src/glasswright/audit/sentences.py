"""Whose sentence is it? A statement counts for a model only if the model is what it speaks of.

    this model       what is left when none of the others is meant
    its parent       a model that this one was made from: "Llama 2 was trained on ..."
    another          a rival, a model that is compared with, work that others did
    a tool           a library, a framework, a script
    the reader       "your own data", "to train your model"
    the future       "will be released", "coming soon"

A sentence that begins with "Unlike X, ..." is two: what stands before the comma is about X.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

About = Literal["this model", "its parent", "another", "a tool", "the reader", "the future"]

MIN_ALIKE = 4  # letters of a family's name
MAX_SENTENCE = 1_200  # characters; what is longer is a table or no prose, and is cut
END = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bet al\.)(?<!\bvs\.)(?<!\bFig\.)(?<!\bNo\.)[\"')*]*\s+(?=[^a-z])"
    r"|(?<=[。！？；])|\|\s+\||\s*<(?:td|th|tr|li|br|p)\b[^>]{0,200}>|\s+[-*•]\s+(?=\S)|;\s+"
)
LEAD = re.compile(
    r"^\W*(?:unlike|in contrast to|as opposed to|compared (?:to|with)|whereas|while|different from)\b[^,]{1,200}?"
    r"(?:, (?:which|whose|who|where)\b[^,]{1,200})?,\s*",
    re.IGNORECASE,
)
FUTURE = re.compile(
    r"\b(?:will|shall|plans? to|planning to|going to|intends? to|hopes? to"
    r"|aims? to (?!build|train)|coming soon|in the (?:near )?future"
    r"|upcoming|stay tuned|to ?do|roadmap|not yet|work in progress|to be (?:released|published|announced|open-?sourced)"
    r"|soon)\b|\[ \]|🚧|⏳",
    re.IGNORECASE,
)
READER = re.compile(
    r"\b(?:your|custom|users?'? own|their own)\b[^.]{0,40}"
    r"\b(?:data ?sets?|data|corpus|corpora|models?|tasks?|weights|files?)\b"
    r"|\b(?:if|when) you\b[^.]{0,60}\b(?:fine-?tune|train)|\bto (?:fine-?tune|train) your\b|\bbring your own\b",
    re.IGNORECASE,
)
ANOTHER = re.compile(
    r"^\W*(?:(?:the|a|an|some|most|many|all|several|these|those|like|with|by)\s+)*"
    r"(?:competitors?|competing|rivals?|other|existing|previous|prior|earlier|recent|similar|comparable|leading|popular|closed"
    r"|proprietary)\b"
    r"[^.]{0,40}\b(?:models?|LLMs?|systems?|works?|approach(?:es)?|methods?|labs?|companies|datasets?)\b",
    re.IGNORECASE,
)
OTHERS_WORK = re.compile(
    r"acknowledg|related (?:work|project)|thanks|credits?|third.?party|community|comparison|ecosystem|similar project"
    r"|awesome|projects? (?:using|based)|star history|publications|adoption|references|bibliography",
    re.IGNORECASE,
)
TOOL = re.compile(
    r"^\W*(?:(?:the|this|our)\s+)?(?:[\w.+-]+\s+){0,2}(?:library|framework|toolkit|engine|script|tool|package|harness)\b"
    r"[^.]{0,60}\b(?:is|are|was|were|supports?|provides?|allows?|uses?|can|lets?)\b",
    re.IGNORECASE,
)
# A name that looks like that of a model: a digit, an inner capital or all capitals, and then a verb.
NAMED = re.compile(
    r"^[\W_]*(?:the\s+)?(?P<name>[A-Z][\w.+]*(?:[- ][A-Z0-9][\w.+]*){0,4})[*_]*(?:'s)?(?:\s*\([^)]{0,60}\))?"
    r"(?:\s+(?:models?|LLM|series|family|team|license|weights|data|dataset))?"
    r"\s+(?:is|are|was|were|has|have|had|uses?|used|forbids?|may|can|cannot|must|should|allows?|permits?|releases?|released|does|do|requires?|ha[ds]n't|provides?)\b"
)
LOOKS_LIKE_A_MODEL = re.compile(
    r"^(?!(?:Stages?|Phases?|Steps?|Tables?|Figures?|Sections?|Parts?|Versions?|Appendix|Rounds?|Levels?|Python|CUDA|Top"
    r"|GitHub|HuggingFace|ModelScope|PyTorch)\b)(?=.*(?:\d|[a-z][A-Z]))"
)
NAME = r"[\[`*]*(?P<name>[A-Z][\w.+-]*(?:[ -][\dA-Z][\w.+-]*){0,3}|[a-z][\w.]*-\d[\d.]*[bBmM]\b)"
SIZED = r"(?:the\s+|a\s+|an\s+|our\s+)*(?:[\d.]+[BM]\s+|pre-?trained\s+|base(?: model)?\s+|open(?:-source)?\s+)*"
MADE = r"\b(?:[Ff]ine-?tuned|[Tt]uned|[Ii]nitiali[sz]ed|[Aa]dapted|[Dd]istilled|[Dd]erived|[Cc]ontinu\w+ pre-?train\w*)"
IS_A_MODEL = r"(?=[\]\w.,() -]{0,20}\b(?:model|base|LLM|weights|\d+B)\b)"
MADE_FROM = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{MADE}(?: versions?| variants?| models?)? (?:from|of|on top of|upon) {SIZED}{NAME}",
        rf"\b(?:[Bb]ased|[Bb]uilt) (?:up)?on (?:top of )?{SIZED}{NAME}{IS_A_MODEL}",
        r"\b(?:[Bb]ased|[Bb]uilt|[Tt]rained) (?:up)?on (?:top of )?[\[`*]*(?P<name>[A-Za-z][\w.]*-\d[\d.]*[bBmM]\b)",
        rf"\b(?:[Ff]ine-?tun(?:ed?|es|ing)) {SIZED}{NAME}{IS_A_MODEL}",
    )
)
NEGATION = re.compile(
    r"\b(?:not|no|never|neither|nor|without|cannot|unable|refuses?|declined?|none|nothing)\b(?!\s+(?:only|just|limited))|n't\b|\bnon-(?=released|public)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A run of a passage's text, and what it is about."""

    start: int
    end: int
    text: str
    about: About

    def is_denied(self, until: int) -> bool:
        """Whether a negation stands before a place in the passage, in this sentence, or at the place itself."""
        return bool(NEGATION.search(self.text[: max(0, until - self.start)]))


@dataclass(frozen=True, slots=True)
class Names:
    """How a release calls itself, and the models of others that it was made from."""

    own: frozenset[str]
    parents: frozenset[str] = frozenset()
    has_own_base: bool = False  # it says that it was made from a model of its own makers


def plain(name: str) -> str:
    """A name without punctuation, in lower case."""
    return re.sub(r"[\W_]", "", name).lower()


@lru_cache(maxsize=16_384)
def sentences(text: str, heading: str, names: Names) -> tuple[Sentence, ...]:
    """The sentences of a passage, table cells and list items among them, each with what it is about."""
    elsewhere = bool(OTHERS_WORK.search(heading.rsplit(" > ", 1)[-1]))
    found = []
    for start, end in _runs(text):
        run = text[start:end]
        lead = LEAD.match(run)
        if lead and lead.end() < len(run):
            found.append(Sentence(start, start + lead.end(), run[: lead.end()], "another"))
            start, run = start + lead.end(), run[lead.end() :]
        found.append(Sentence(start, end, run, "another" if elsewhere else _about(run, names)))
    return tuple(found)


def is_of_a_rival(text: str) -> bool:
    """Whether a sentence begins with another's model: "The competitor model X is ...", "Most other models are ..."."""
    return bool(ANOTHER.match(text))


def made_from(text: str) -> set[str]:
    """The names of models that a sentence says this one was made from."""
    stated = {match["name"].rstrip(".") for pattern in MADE_FROM for match in pattern.finditer(text)}
    return {name for name in stated if LOOKS_LIKE_A_MODEL.search(name)}


def _runs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in END.finditer(text):
        yield from _cut(text, start, match.start())
        start = match.end()
    yield from _cut(text, start, len(text))


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = min(end, start + MAX_SENTENCE)
        if text[start:stop].strip():
            yield start, stop
        start = stop


def _about(run: str, names: Names) -> About:
    if FUTURE.search(run):
        return "the future"
    if READER.search(run):
        return "the reader"
    if is_of_a_rival(run):
        return "another"
    if (named := NAMED.match(run)) and LOOKS_LIKE_A_MODEL.search(named["name"]) and not is_own(named["name"], names):
        return "its parent" if any(is_alike(plain(named["name"]), parent) for parent in names.parents) else "another"
    if TOOL.match(run):
        return "a tool"
    return "this model"


def is_own(name: str, names: Names) -> bool:
    """Whether a name is one of the release's own."""
    return any(is_alike(plain(name), own) for own in names.own)


def is_alike(a: str, b: str) -> bool:
    """They begin alike, or one holds the other: sizes and variants hang behind a family's name."""
    short, long = sorted((a, b), key=len)
    if len(short) < MIN_ALIKE:
        return len(short) == MIN_ALIKE - 1 and long.startswith(short)
    return a[:MIN_ALIKE] == b[:MIN_ALIKE] or short in long
