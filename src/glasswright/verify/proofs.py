"""Proofs that one row or one step is under a release's root."""

from typing import Any

from glasswright.attest.merkle import leaf_hash
from glasswright.attest.proof import Proven, prove
from glasswright.verify.evidence import Evidence
from glasswright.verify.files import root_follows


def prove_row(evidence: Evidence, index: int, record: dict[str, Any]) -> Proven:
    """That `record` is row `index` of the ledger behind the release's root."""
    root_follows(evidence)
    root = evidence.release().roots.ledger
    return prove(record, evidence.ledger().hashes, index, root=root, what=f"corpus/ledger.parquet: row {index + 1}")


def prove_step(evidence: Evidence, number: int, record: dict[str, Any]) -> Proven:
    """That `record` is step `number` (from 1) of the transcript behind the release's root."""
    root_follows(evidence)
    hashes = [leaf_hash(leaf) for leaf in evidence.transcript_leaves()]
    root = evidence.release().roots.transcript
    return prove(record, hashes, number, root=root, what=f"transcript/steps.jsonl: step {number}")
