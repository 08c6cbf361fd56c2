"""Proofs that one row or one step is under a release's root, small enough to hand to somebody without the release."""

from dataclasses import dataclass
from typing import Any

from glasswright.attest.merkle import InclusionProof, leaf_hash, prove_inclusion, root_from_proof
from glasswright.errors import ClaimFalse, DigestMismatch
from glasswright.records.canonical import canonical_bytes
from glasswright.verify.evidence import Evidence
from glasswright.verify.files import root_follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A record, and the proof that it is a leaf of the tree with this root."""

    record: dict[str, Any]
    proof: InclusionProof
    root: str

    def require(self, root: str, what: str) -> None:
        """Follow the proof from the record to a root that one trusts.

        Raises:  ClaimFalse if it leads elsewhere.
        """
        try:
            found = root_from_proof(canonical_bytes(self.record), self.proof)
        except ValueError as error:
            raise ClaimFalse(f"{what}: {error}") from error
        if found != root:
            raise DigestMismatch(f"{what}: root reached by its inclusion proof", recorded=root, found=found)


def prove_row(evidence: Evidence, index: int, record: dict[str, Any]) -> Proven:
    """That `record` is row `index` of the ledger behind the release's root."""
    root_follows(evidence)
    root = evidence.release().roots.parts["ledger"]
    proven = Proven(record=record, proof=prove_inclusion(evidence.ledger().hashes, index), root=root)
    proven.require(root, f"corpus/ledger.parquet: row {index + 1}")
    return proven


def prove_step(evidence: Evidence, number: int) -> Proven:
    """That step `number` (from 1) is a leaf of the transcript behind the release's root."""
    root_follows(evidence)
    root = evidence.release().roots.parts["transcript"]
    index, record = evidence.transcript().leaf_of_step(number)
    hashes = [leaf_hash(leaf) for leaf in evidence.transcript().leaves()]
    proven = Proven(record=record, proof=prove_inclusion(hashes, index), root=root)
    proven.require(root, f"transcript: step {number}")
    return proven
