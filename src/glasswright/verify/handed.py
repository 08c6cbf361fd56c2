"""A proof in a file, from whoever handed it over: is its row in the ledger with the root that one trusts?

1. the file holds a record, its root and a proof, and nothing else
2. the record is a row of a ledger, and its id follows from source, path and text
3. the root that the file states, of the ledger or the release, is the trusted one; by itself it proves nothing: the
   same hand wrote it
4. the siblings lead from the row to that root
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasswright import foreign
from glasswright.attest.merkle import InclusionProof
from glasswright.attest.proven import PartProof, Proven
from glasswright.errors import ClaimFalse, Misuse
from glasswright.records.ledger import LedgerRow, document_id
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.verify.decode import decode, parse_strictly

MAX_BYTES = 2**20
DIGEST = re.compile("[0-9a-f]{64}")
NOT_CHECKED = (
    "whether the root is that of the corpus or release you mean: take it from there, not from who gave you the proof",
    "whether what the row says is true",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handed:
    """The file's fields; `Proven` with its types told, for the decoder. Of a corpus there is no `part`."""

    record: dict[str, Any]
    proof: InclusionProof
    root: str
    part: PartProof | None


def check_proof(path: Path, root: str) -> Verdict:
    """Whether the row in a proof's file is in the ledger with this root.

    Raises:  Misuse if the file cannot be read, or `root` is no digest.
    """
    if not DIGEST.fullmatch(root):
        raise Misuse(
            f"root {root}: expected 64 hexadecimal digits, found {len(root)} characters",
            hint="the ledger's root is in release.json of a release, and in `glasswright corpus show CORPUS --json`",
        )
    data = _read(path)
    try:
        record = parse_strictly(data, str(path))
        handed = decode(_Handed, {"part": None, **record} if isinstance(record, dict) else record, str(path))
        row = _row(handed, str(path))
        _follow(handed, root, str(path))
    except ClaimFalse as error:
        finding = Finding(claim="the row is in the ledger", answer=Answer.REFUTED, evidence=str(error), hint=error.hint)
        return Verdict(subject=f"{path}, root {root}", findings=(finding,), not_checked=NOT_CHECKED)
    proof = handed.proof
    finding = Finding(
        claim="the row is in the ledger",
        answer=Answer.PROVED,
        evidence=f"row {proof.index + 1} of {proof.num_leaves}: {row.source}:{row.path}, {row.decision}, {row.reason}\n"
        f"{len(proof.siblings)} hashes lead from it to the root",
    )
    return Verdict(subject=f"{path}, root {root}", findings=(finding,), not_checked=NOT_CHECKED)


def _read(path: Path) -> bytes:
    try:
        return foreign.read(path, max_bytes=MAX_BYTES)
    except foreign.TooLarge as error:
        raise Misuse(f"{error}: larger than any proof", hint="is this the right file?") from error
    except foreign.NotRead as error:
        hint = "expected a file that `glasswright corpus prove CORPUS DOCUMENT --json` printed"
        raise Misuse(f"{path}: cannot be read: {error.why}", hint=hint) from error


def _row(handed: _Handed, where: str) -> LedgerRow:
    row = decode(LedgerRow, handed.record, f"{where}: record")
    if row.document_id != document_id(source=row.source, path=row.path, sha256=row.sha256):
        raise ClaimFalse(f"{where}: record: the id is not that of source, path and sha256")
    return row


def _follow(handed: _Handed, root: str, where: str) -> None:
    stated = {handed.root, handed.part.release_root} if handed.part is not None else {handed.root}
    if root not in stated:
        raise ClaimFalse(
            f"{where}: states the root {handed.root[:80]}; the trusted one is {root}",
            hint="it is a proof for another ledger: was a document added or removed since?",
        )
    if handed.part is not None and handed.part.name != "ledger":
        raise ClaimFalse(f"{where}: part: expected the ledger, found {handed.part.name[:80]!r}")
    for sibling in (*handed.proof.siblings, *(handed.part.proof.siblings if handed.part is not None else ())):
        if not DIGEST.fullmatch(sibling):
            raise ClaimFalse(f"{where}: proof: {sibling[:80]!r} is no digest")
    proven = Proven(record=handed.record, root=handed.root, proof=handed.proof, part=handed.part)
    proven.require(handed.root, where)
    proven.require(root, where)
