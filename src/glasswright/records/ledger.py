"""One row for every document seen, kept or not, with the reason."""

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

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
