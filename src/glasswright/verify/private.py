"""The steps `salted` and `private`: what strangers see of the ledger of a release whose documents are private.

That it is the one under the root, anybody can see; that its rows are those of the ledger, who has ledger and salt.
"""

import hashlib
import re

from glasswright.attest.salted import named, salted
from glasswright.errors import ClaimFalse
from glasswright.records.private import PRIVATE, TOLD, WITHHELD, SaltedLedger
from glasswright.records.release import PRIVATE_PART
from glasswright.verify.data import carried_documents
from glasswright.verify.decode import EDITED
from glasswright.verify.evidence import Evidence

DIGEST = re.compile("[0-9a-f]{64}")


def salted_ledger_is_named(evidence: Evidence) -> str:
    """private.json has the root of its part, and its rows are such rows."""
    ledger = evidence.salted()
    evidence.require_part(PRIVATE_PART, hashlib.sha256(evidence.folder.read(PRIVATE)).hexdigest(), PRIVATE)
    for number, row in enumerate(ledger.documents):
        for field in ("id", "key"):
            if not DIGEST.fullmatch(getattr(row, field)):
                raise ClaimFalse(f"{PRIVATE}: documents[{number}]: {field}: expected a digest", hint=EDITED)
    if not 0 < len(ledger.documents) <= min(ledger.num_seen, ledger.num_tokens):
        raise ClaimFalse(f"{PRIVATE}: {_told(ledger)}: no numbers of a release", hint=EDITED)
    return _told(ledger)


def salted_ledger_follows(evidence: Evidence) -> str:
    """The rows of private.json are those of the ledger's kept documents, under the salt that the recipe names."""
    ledger, salt, rows = evidence.salted(), evidence.salt(), evidence.ledger().rows
    known = {row.document_id for row in rows if row.is_kept}
    texts = ((name, text) for _, name, text in carried_documents(evidence) if name in known)
    expected = salted(salt, rows, texts)
    if ledger == expected:
        return f"the rows of {len(expected.documents)} kept documents, salted anew"
    here, there = set(ledger.documents), set(expected.documents)
    for row in sorted(here ^ there, key=lambda row: row.id):
        told = "is of no document of the ledger" if row in here else "is missing"
        raise ClaimFalse(f"{PRIVATE}: the row {row.id[:12]} ({row.license}) {told}", hint=EDITED)
    raise ClaimFalse(f"{PRIVATE}: {_told(ledger)}; the ledger has {_told(expected)}", hint=EDITED)


def what_is_withheld(evidence: Evidence) -> tuple[str, ...]:
    """What a copy for strangers is without, for the list of what was not checked."""
    listed = evidence.manifest()
    absent = [name for name in WITHHELD if not any(path == name or path.startswith(name) for path in listed)]
    if not absent:
        return ()
    return (f"{', '.join(absent)}: {TOLD}, and this copy is without what tells of them; the owner's has it",)


def removed_by_no_salt(evidence: Evidence) -> list[str]:
    """Of the digests that the recipe removes by, those that are no salted one of a document that was seen.

    Such a one may be a text's plain digest: it reaches no document, and names the text to whoever guesses it.
    """
    names = {named(row.sha256, evidence.salt()) for row in evidence.ledger().rows}
    return [it.sha256 for it in evidence.recipe().corpus.remove if it.sha256 not in names]


def _told(ledger: SaltedLedger) -> str:
    return f"{len(ledger.documents)} documents of {ledger.num_seen} seen, {ledger.num_tokens:,} tokens"
