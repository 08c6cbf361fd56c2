"""One row for every document seen, kept or not, with the reason."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from glasswright.errors import Misuse
from glasswright.records.canonical import digest

Decision = Literal["keep", "drop"]
LicenseDecision = Literal["allow", "deny", "unknown"]


def document_id(*, source: str, path: str, sha256: str) -> str:
    """The content id of a document: what it says (sha256 of its text) and where it was found."""
    return digest({"path": path, "sha256": sha256, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """What is known of one document, and what was decided about it. Rows are ordered by `document_id`."""

    document_id: str
    source: str  # name of the recipe's source
    path: str  # place within the source; `#n` follows where a file holds several documents
    sha256: str  # of the text as it is learned from, or of the raw bytes where no text could be read
    bytes: int  # UTF-8 length of that text
    media_type: str
    title: str | None
    author: str | None
    language: str | None  # BCP 47
    license: str | None  # SPDX expression
    license_evidence: str | None  # where it is stated
    license_decision: LicenseDecision
    jurisdiction: str | None  # where the license decision holds, if not everywhere
    decision: Decision
    reason: str  # a code that states the fact, e.g. `kept`, `empty`, `license_not_stated`
    duplicate_of: str | None  # document_id of the kept member
    pii_masked: int
    tokens: int | None  # known once the tokenizer is

    def __post_init__(self) -> None:
        if self.decision not in get_args(Decision):
            raise ValueError(f"decision: expected one of {get_args(Decision)}, got {self.decision!r}")
        if self.license_decision not in get_args(LicenseDecision):
            raise ValueError(
                f"license_decision: expected one of {get_args(LicenseDecision)}, got {self.license_decision!r}"
            )
        if self.decision == "keep" and self.license_decision != "allow":
            raise ValueError(f"{self.path}: a document is kept only under an allowed license")

    @property
    def is_kept(self) -> bool:
        return self.decision == "keep"

    def record(self) -> dict[str, Any]:
        """The row as it is encoded: one leaf of the ledger's Merkle tree."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = tuple(field.name for field in fields(LedgerRow))


MIN_DIGITS, MAX_NAMED = 4, 3  # of an id that names a document; how many documents a message names


def is_beginning_of_id(name: str) -> bool:
    """Whether a document may be named so by its id: by all its digits, or the first few."""
    return re.fullmatch(rf"[0-9a-f]{{{MIN_DIGITS},64}}", name) is not None


def is_place_of(name: str, row: LedgerRow) -> bool:
    """Whether a document is named so by its place: by its path, or SOURCE:PATH where two sources have it."""
    return name in (row.path, f"{row.source}:{row.path}")


def the_one(name: str, found: Sequence[LedgerRow], *, where: str, alike: Callable[[], Sequence[str]]) -> LedgerRow:
    """The one document that has this name.

    alike:   places with names like it, looked for only where no document has it
    Raises:  Misuse if there is none, or more than one.
    """
    if len(found) == 1:
        return found[0]
    if not found:
        meant = "".join(f"\n  {place}" for place in alike())
        else_told = f"give its id, the id's first digits ({MIN_DIGITS} or more), or its path in the source"
        raise Misuse(f"{name}: no such document in {where}", hint=f"did you mean{meant}" if meant else else_told)
    listed = "".join(f"\n  {row.document_id[:16]}  {row.source}:{row.path}" for row in found[:MAX_NAMED])
    more = f"\n  and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
    raise Misuse(f"{name}: {len(found)} documents:{listed}{more}", hint="give more digits, or SOURCE:PATH")
