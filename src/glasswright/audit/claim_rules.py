"""What the publisher calls the model, and where: "open source", "open weights", "open", "under an open license".

Only what a document says of its own model counts: a comparison with "other open-source models" is no claim, nor is a
sentence about the code, or one that names other models and not this one. The strongest word found is the publisher's.
"""

import re

from glasswright.audit.record import Fact, unchecked
from glasswright.audit.rules import Hit, hits
from glasswright.audit.sentences import Names, is_own
from glasswright.audit.subject import Subject
from glasswright.audit.voices import names, prose, root_voices

WORDS = {"open source": "claims.open_source", "open weights": "claims.open_weights", "open": "claims.open"}
DATA_CARD = re.compile(r"(?i)data[-_ ]?(?:card|sheet|set)|datasheet")  # it speaks of the data
MODEL_NAME = re.compile(r"\b[A-Z][A-Za-z]*(?:-?\d[\w.]*|-[A-Z]\w*)(?:-[\w.]+)*")


def claim_facts(subject: Subject) -> list[Fact]:
    """The publisher's own word for the model."""
    speaking = [d for d in root_voices(subject) if not DATA_CARD.search(d.name)]
    text, called = tuple(prose(speaking)), names(subject)
    for word, rule in WORDS.items():
        found = [hit.evidence for hit in hits(rule, text, called) if not _names_others_alone(hit, called)]
        if found:
            return [Fact(id="publisher.claim", status="proved", value=word, evidence=tuple(found[:4]))]
    return [unchecked("publisher.claim", "the publisher's own word for it was not found in the evidence")]


def _names_others_alone(hit: Hit, called: Names) -> bool:
    named = MODEL_NAME.findall(hit.sentence.text)
    return bool(named) and not any(is_own(name, called) for name in named)
