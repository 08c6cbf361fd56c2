"""A record, and the proof that it is a leaf of a tree: small enough to hand to somebody without the tree.

docs/release.md, "Proofs", is its format.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from glasswright.attest.merkle import InclusionProof, prove_inclusion, root_from_proof
from glasswright.errors import ClaimFalse, DigestMismatch
from glasswright.records.canonical import canonical_bytes

DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A record, the root it is under, and the siblings that lead there."""

    record: dict[str, Any]
    root: str
    proof: InclusionProof

    def require(self, root: str, what: str) -> None:
        """Follow the proof from the record to a root that one trusts; the one that is stated says nothing.

        Raises:  ClaimFalse if it leads elsewhere, or is none.
        """
        for sibling in self.proof.siblings:
            if not DIGEST.fullmatch(sibling):
                raise ClaimFalse(f"{what}: proof: {sibling[:80]!r} is no digest")
        try:
            found = root_from_proof(canonical_bytes(self.record), self.proof)
        except ValueError as error:
            raise ClaimFalse(f"{what}: {error}") from error
        if found != root:
            raise DigestMismatch(f"{what}: root reached by its inclusion proof", recorded=root, found=found)


def prove(record: dict[str, Any], hashes: Sequence[bytes], index: int, *, root: str, what: str) -> Proven:
    """That `record` is leaf `index` of the tree with these leaf hashes and this root: made, and followed once.

    Raises:  ClaimFalse if it is not.
    """
    proven = Proven(record=record, root=root, proof=prove_inclusion(hashes, index))
    proven.require(root, what)
    return proven
