"""A record, and the proof that it is under a root: what is handed to somebody who has neither the ledger nor this code.

docs/release.md, "Proofs", is its format.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from glasswright.attest.merkle import InclusionProof, prove_inclusion, root_from_proof, root_of_hashes
from glasswright.attest.parts import prove_part, release_root, root_from_part
from glasswright.errors import ClaimFalse, DigestMismatch
from glasswright.records.canonical import canonical_bytes
from glasswright.records.release import Roots


@dataclass(frozen=True, slots=True, kw_only=True)
class PartProof:
    """That a part with this name has the root stated, under the release root."""

    name: str
    release_root: str
    proof: InclusionProof


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A record, and the proof that it is a leaf of the tree with this root; of a release also that of its part."""

    record: dict[str, Any]
    root: str
    proof: InclusionProof
    part: PartProof | None = None

    def as_record(self) -> dict[str, Any]:
        """As it is handed to somebody else."""
        handed = {"record": self.record, "root": self.root, "proof": asdict(self.proof)}
        return handed if self.part is None else {**handed, "part": asdict(self.part)}

    def require(self, root: str, what: str) -> None:
        """Follow the proof from the record to a root that one trusts: that of its tree, or the release root.

        Raises:  ClaimFalse if it leads elsewhere.
        """
        try:
            found = root_from_proof(canonical_bytes(self.record), self.proof)
            if self.part is not None and root == self.part.release_root:
                found = root_from_part(self.part.name, found, self.part.proof)
        except ValueError as error:
            raise ClaimFalse(f"{what}: {error}") from error
        if found != root:
            raise DigestMismatch(f"{what}: root reached by its inclusion proof", recorded=root, found=found)


def prove(record: dict[str, Any], hashes: Sequence[bytes], index: int, part: PartProof | None = None) -> Proven:
    """The proof that `record` is leaf `index` of the tree with these leaf hashes."""
    return Proven(record=record, root=root_of_hashes(hashes).hex(), proof=prove_inclusion(hashes, index), part=part)


def part_of(roots: Roots, name: str) -> PartProof:
    """The proof of a part of a release."""
    return PartProof(name=name, release_root=release_root(roots), proof=prove_part(roots, name))
