"""A release whose documents are private: what strangers do not get, and what they get in place of the ledger.

    private.salt    64 hexadecimal digits and a line end; the recipe has its sha256. Withheld
    private.json    the salted ledger: a row for each document that was learned from, in the order of the ids

    key of a document    HMAC-SHA256 under the salt, of the document's id
    id of its row        HMAC-SHA256 under the key, of the sha256 of its text's letters (`attest.salted.letters`)

Who has a key can tell whether its row is that of a text he has, and nothing else; who has none can tell nothing of any
row but its license. A row has the sha256 of its key too, so that no other key can be shown for it later. Keys follow
from the salt, so an equal recipe and an equal salt give equal rows.

The roots of the parts that follow from what is withheld are salted too: a guess at the documents is not confirmed by
computing a root.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

PRIVATE, SALT = "private.json", "private.salt"
BLINDED = ("ledger", "tokens", "transcript")  # parts whose roots are salted
# What no stranger gets: files, and folders with all that is in them.
WITHHELD = (
    SALT,
    "corpus/",
    "tokens/",
    "transcript.jsonl",
    "checkpoints/",
    "technical-report.md",
    "training.svg",
)
TOLD = "the documents of this release are private"


def is_withheld(path: str) -> bool:
    """Whether a file of a private release is for its owner alone."""
    return path.startswith(tuple(name for name in WITHHELD if name.endswith("/"))) or path in WITHHELD


@dataclass(frozen=True, slots=True, kw_only=True)
class SaltedRow:
    """A document that was learned from, to whoever may not see it."""

    id: str
    key: str  # sha256 of the key
    license: str  # SPDX expression


@dataclass(frozen=True, slots=True, kw_only=True)
class SaltedLedger:
    """What `private.json` says. Of one document alone it says its license: a length would tell it from others."""

    documents: tuple[SaltedRow, ...]  # in the order of their ids
    num_seen: int  # documents, kept or not
    num_tokens: int  # of the kept ones, all together

    def __post_init__(self) -> None:
        ids = [row.id for row in self.documents]
        if ids != sorted(set(ids)):
            raise ValueError("documents: expected each id once, in order")

    def record(self) -> dict[str, Any]:
        return asdict(self)


def salted_ledger(rows: Iterable[SaltedRow], *, num_seen: int, num_tokens: int) -> SaltedLedger:
    """The ledger of these rows, put in order."""
    return SaltedLedger(documents=tuple(sorted(rows, key=lambda row: row.id)), num_seen=num_seen, num_tokens=num_tokens)
