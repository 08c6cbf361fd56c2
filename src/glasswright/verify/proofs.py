"""Proofs that a row or a step is under a release's root, small enough to hand to somebody without the release."""

from typing import Any

from glasswright.attest.merkle import leaf_hash
from glasswright.attest.proven import PartProof, Proven, part_of, prove
from glasswright.verify.evidence import Evidence
from glasswright.verify.files import root_follows


def prove_row(evidence: Evidence, index: int, record: dict[str, Any]) -> Proven:
    """That `record` is row `index` of the ledger behind the release's root.

    Raises:  ClaimFalse if the release does not bear it out.
    """
    return _required(evidence, "ledger", prove(record, evidence.ledger().hashes, index, _part(evidence, "ledger")))


def prove_step(evidence: Evidence, number: int) -> Proven:
    """That step `number` (from 1) is a leaf of the transcript behind the release's root.

    Raises:  ClaimFalse if the release does not bear it out.
    """
    index, record = evidence.transcript().leaf_of_step(number)
    hashes = [leaf_hash(leaf) for leaf in evidence.transcript().leaves()]
    return _required(evidence, "transcript", prove(record, hashes, index, _part(evidence, "transcript")))


def _part(evidence: Evidence, name: str) -> PartProof | None:
    """Releases of schema 1 have no proof of a part alone, and a salted part has none without the salt."""
    root_follows(evidence)
    is_alone = evidence.is_of_first_schema() or evidence.recipe().private is not None
    return None if is_alone else part_of(evidence.release().roots, name)


def _required(evidence: Evidence, name: str, proven: Proven) -> Proven:
    what = f"{name}: leaf {proven.proof.index}"
    proven.require(proven.root, what)
    evidence.require_part(name, proven.root, what)
    if proven.part is not None:
        proven.require(evidence.release().root, what)
    return proven
