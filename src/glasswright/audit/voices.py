"""Which documents speak for the release, and which only stand in its repository.

A model card, the root readme and the readmes beside data and training scripts speak. A changelog, the readme of a
vendored tool or of a folder of unrelated experiments does not.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from glasswright.audit.passages import Passage, front_matter, passages
from glasswright.audit.sentences import LOOKS_LIKE_A_MODEL, Names, is_own, made_from, plain, sentences
from glasswright.audit.subject import Document, Subject

MODEL_CARD = re.compile(r"(?i)model[-_ ]?(?:card|sheet)")
DATA_CARD = re.compile(r"(?i)data(?:set)?[-_ ]?(?:card|sheet|statement)")
TITLE_LINES = 5  # within which a document says what it is
README_NAME = re.compile(r"(?i)^readme([-_.](en|eng|english))?(\.\w+)?$|^readme$")
LEGAL_NAME = re.compile(r"(?i)(?:copyright|legal|terms|rights|eula)$")
SPEAKING_FOLDER = re.compile(
    r"(?i)(official|models?|data|datasets?|projects?|training|pretrain|checkpoints?|evals?|fine-?tun\w*|sft|card)"
)
SIDE_FOLDER = re.compile(
    r"(?i)(^|/)(tools?|examples?|contrib|cookbook|demos?|assets|scripts/(?!official)|deploy\w*|docker\w*|integrations?|ecosystem|retro)(/|$)"
)


def is_card(document: Document) -> bool:
    """A model card or a data card by its name or title, or a hub readme by its head."""
    is_called_so = any(pattern.search(_called(document)) for pattern in (MODEL_CARD, DATA_CARD))
    return is_called_so or (document.path in ("README.md", "model/README.md") and document.lines[:1] == ("---",))


def is_data_card(document: Document) -> bool:
    """A data card by its name or its title."""
    return bool(DATA_CARD.search(_called(document)))


def _called(document: Document) -> str:
    """A document's name, and its title if that stands at its top."""
    title = next((line for line in document.lines[:TITLE_LINES] if line.startswith("# ")), "")
    return f"{document.name} {title}"


def is_readme(document: Document) -> bool:
    """A readme in English, or one that does not say otherwise."""
    return bool(README_NAME.match(document.name))


@lru_cache(maxsize=64)
def voices(subject: Subject) -> list[Document]:
    """The documents that speak for the release, cards first, then by depth."""
    speaking = [d for d in subject.documents if _speaks(d)]
    return sorted(speaking, key=lambda d: (not is_card(d), d.depth, d.where))


def root_voices(subject: Subject) -> list[Document]:
    """The documents that speak for the whole release: cards and root readmes."""
    return [d for d in voices(subject) if is_card(d) or d.depth == 0]


@lru_cache(maxsize=64)
def names(subject: Subject) -> Names:
    """What the release calls itself, by its places and titles, and the models of others that it is made from."""
    places = [part for s in subject.snapshots for part in s.repo.split("/")]
    titles = [word for d in root_voices(subject) for word in _title(d).split() if LOOKS_LIKE_A_MODEL.search(word)]
    own = Names(frozenset(filter(None, map(plain, (subject.name, *places, *titles)))))
    stated = {name for d in root_voices(subject) for name in _stated_parents(d)}
    for passage in prose(root_voices(subject)):
        for sentence in sentences(passage.text, passage.heading, own):
            if sentence.about == "this model":
                stated |= made_from(sentence.text)
    parents = frozenset(plain(name) for name in stated if not is_own(name, own))
    return Names(own.own, parents, has_own_base=len(parents) < len({plain(name) for name in stated}))


def _title(document: Document) -> str:
    line = next((line for line in document.lines[:40] if line.startswith("# ")), "")
    return line.lstrip("# ").partition(":")[0]


def _stated_parents(document: Document) -> list[str]:
    return [value.rsplit("/", 1)[-1] for value in front_matter(document).get("base_model", (0, []))[1]]


def prose(documents: list[Document]) -> Iterator[Passage]:
    """Every passage of some documents that is not code."""
    for document in documents:
        for passage in passages(document):
            if not passage.is_code:
                yield passage


def everything(documents: list[Document]) -> Iterator[Passage]:
    """Every passage of some documents, code blocks included."""
    for document in documents:
        yield from passages(document)


def _speaks(document: Document) -> bool:
    if is_card(document):
        return True
    is_text = document.name.lower().endswith((".md", ".markdown", ".rst", ".txt"))
    if not (is_text or is_readme(document) or LEGAL_NAME.match(document.name)):
        return False
    if document.depth == 0:
        return not re.match(r"(?i)licen[sc]e|copying|notice|use_policy|model_?licen", document.name)
    folder = document.path.rsplit("/", 1)[0]
    return is_readme(document) and not SIDE_FOLDER.search(folder) and bool(SPEAKING_FOLDER.search(folder))
