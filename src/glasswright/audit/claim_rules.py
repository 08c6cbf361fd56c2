"""What the publisher calls the model, and where: "open source", "open weights", "open", "under an open license".

Only what a document says of its own model counts: a comparison with "other open-source models" is no claim, nor is a
sentence about the code. The strongest word found is the publisher's word.
"""

from glasswright.audit.record import Fact, unchecked
from glasswright.audit.rules import hits
from glasswright.audit.subject import Subject
from glasswright.audit.voices import names, prose, root_voices

WORDS = {"open source": "claims.open_source", "open weights": "claims.open_weights", "open": "claims.open"}


def claim_facts(subject: Subject) -> list[Fact]:
    """The publisher's own word for the model."""
    text = tuple(prose(root_voices(subject)))
    for word, rule in WORDS.items():
        if found := hits(rule, text, names(subject)):
            evidence = tuple(hit.evidence for hit in found[:4])
            return [Fact(id="publisher.claim", status="proved", value=word, evidence=evidence)]
    return [unchecked("publisher.claim", "the publisher's own word for it was not found in the evidence")]
