"""Whether a text is among the private documents of a release: proved by the owner, checked by anybody with any copy.

1. root, recipe and salted ledger of the copy are what they should be: else nothing follows from them
2. the proof is about this root, and about the text that is given
3. every key in it fits its row
4. in: the row's id is that of key and text.  out: no row's is
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from glasswright import foreign
from glasswright.attest.salted import key_of, letters, row_id, row_keys
from glasswright.errors import ClaimFalse, Misuse, Unknown
from glasswright.records.membership import Membership
from glasswright.records.private import SaltedLedger
from glasswright.records.progress import silent
from glasswright.records.verdict import Answer, Verdict
from glasswright.verify.check import OF_PRIVATE, STEPS, Step, take
from glasswright.verify.data import carried_documents
from glasswright.verify.decode import decode, parse_strictly
from glasswright.verify.evidence import Evidence
from glasswright.verify.lookup import find

MAX_PROOF_BYTES, MAX_TEXT_BYTES = 2**28, 2**26  # no document is longer
KEY = re.compile("[0-9a-f]{64}")
RESTS_ON = (*(step for step in STEPS if step.name in ("root", "recipe")), OF_PRIVATE[0])
WORDS = {"in": "the text is among the documents", "out": "the text is not among the documents"}
NOT_CHECKED = (
    "whether the root is that of the release you mean: take it from there, not from who gave you the proof",
    "that a row stands for every document that was learned from: `glasswright verify` of the owner's copy",
)
OF_KIND = {
    "in": (
        "how often it was learned, and what the model remembers of it; it may have been held back for validation",
        "where its spaces and signs stand: texts that differ in nothing else, as 1.5 and 15, have the same letters",
    ),
    "out": (
        "the same text with a word masked or mended, a part of a document, a near copy, a translation: each has other "
        "letters; ask for it as the recipe's rules mend it",
        "what the parent learned from",
    ),
}


def prove_in(release: Path, name: str) -> Membership:
    """That the document of this name, which the owner's release has, is among the documents.

    Raises:  Misuse if there is none, it was not kept, or the release is not private; Unknown in a copy for strangers.
    """
    evidence = _private(release)
    _, row = find(evidence, name)
    if not row.is_kept:
        raise Misuse(f"{name}: is not kept ({row.reason})", hint="prove that its text is not among them: --absent FILE")
    keys = (key_of(evidence.salt(), row.document_id).hex(),)
    its = _letters_of(evidence)[row.document_id]
    return Membership(kind="in", root=evidence.release().root, letters=its, keys=keys)


def prove_out(release: Path, texts: Sequence[bytes]) -> Membership:
    """That none of the documents has the letters of the first of the texts; the others are other forms of it.

    Raises:  Misuse if a document has those of one, the first has none, or the release is not private; Unknown in a copy
             for strangers.
    """
    _require_letters(texts[0], "the text")
    evidence = _private(release)
    letters_of, asked = _letters_of(evidence), [letters(text) for text in texts]
    for row in evidence.ledger().kept:
        if letters_of[row.document_id] in asked:
            hint = f"prove that it is: `glasswright private prove {release} {row.document_id[:12]}`"
            raise Misuse(f"the text is among the documents: {row.source}:{row.path}", hint=hint)
    keys = tuple(key.hex() for key in row_keys(evidence.salt(), letters_of))
    return Membership(kind="out", root=evidence.release().root, letters=asked[0], keys=keys)


def _letters_of(evidence: Evidence) -> dict[str, str]:
    """The letters of every document that was kept, by its id.

    Raises:  ClaimFalse if one is not carried.
    """
    kept = evidence.ledger().kept
    found = {name: letters(text) for _, name, text in carried_documents(evidence)}
    missing = [row for row in kept if row.document_id not in found]
    if missing:
        raise ClaimFalse(f"document {missing[0].document_id[:12]} ({missing[0].path}) is not carried")
    return {row.document_id: found[row.document_id] for row in kept}


def check_membership(path: Path, release: Path, text: Path | None = None) -> Verdict:
    """Whether the proof in a file shows of the release what it says; with `text`, of the text in that file.

    Raises:  Misuse if a file cannot be read, or the folder is no release.
    """
    data, given = _read(path, MAX_PROOF_BYTES), None if text is None else read_text(text)
    evidence = Evidence(release, 1, silent)
    findings = [take(step, evidence) for step in RESTS_ON]
    stands = all(finding.answer is Answer.PROVED for finding in findings)
    kind = _kind(data)
    step = Step("membership", f"the proof shows: {WORDS[kind]}", lambda it: _look(it, data, str(path), given, stands))
    findings.append(take(step, evidence))
    untold = (
        () if text is not None else ("which text it is: known by the sha256 of its letters alone; give it with --text",)
    )
    return Verdict(
        subject=f"{path}, of {release}",
        findings=tuple(findings),
        not_checked=(*untold, *NOT_CHECKED, *OF_KIND[kind]),
    )


def _look(evidence: Evidence, data: bytes, where: str, text: bytes | None, stands: bool) -> str:
    if not stands:
        raise Unknown("rests on root, recipe and salted ledger of the copy, which are not proved: see above")
    proof = decode(Membership, parse_strictly(data, where), where)
    _require_about(proof, evidence, where, text)
    ledger = evidence.salted()
    keys = [_key(key, f"{where}: keys[{number}]") for number, key in enumerate(proof.keys)]
    return _in(proof, keys, ledger, where) if proof.kind == "in" else _out(proof, keys, ledger, where)


def _require_about(proof: Membership, evidence: Evidence, where: str, text: bytes | None) -> None:
    root = evidence.release().root
    if proof.root != root:
        raise ClaimFalse(f"{where}: root: a proof for the release {proof.root:.12}, and this one is {root[:12]}")
    if text is not None and letters(text) != proof.letters:
        raise ClaimFalse(f"{where}: letters: a proof about {proof.letters:.12}, and the text given is another")


def _key(key: str, where: str) -> bytes:
    if not KEY.fullmatch(key):
        raise ClaimFalse(f"{where}: expected 64 hexadecimal digits")
    return bytes.fromhex(key)


def _in(proof: Membership, keys: list[bytes], ledger: SaltedLedger, where: str) -> str:
    if len(keys) != 1:
        raise ClaimFalse(f"{where}: keys: expected the key of one row, found {len(keys)}")
    wanted = row_id(keys[0], proof.letters), hashlib.sha256(keys[0]).hexdigest()
    for number, row in enumerate(ledger.documents, start=1):
        if (row.id, row.key) == wanted:
            return f"letters {proof.letters}: row {number} of {len(ledger.documents)}, {row.license}"
    raise ClaimFalse(f"{where}: no row has the id that follows from key and text")


def _out(proof: Membership, keys: list[bytes], ledger: SaltedLedger, where: str) -> str:
    if len(keys) != len(ledger.documents):
        raise ClaimFalse(f"{where}: keys: expected one for each of {len(ledger.documents)} rows, found {len(keys)}")
    for number, (key, row) in enumerate(zip(keys, ledger.documents, strict=True)):
        if hashlib.sha256(key).hexdigest() != row.key:
            raise ClaimFalse(f"{where}: keys[{number}]: not the key of the row {row.id[:12]}")
        if row_id(key, proof.letters) == row.id:
            raise ClaimFalse(f"{where}: the row {row.id[:12]} is that of the text: it is among the documents")
    return f"letters {proof.letters}: no row of {len(keys)} is its, each opened by its key"


def _kind(data: bytes) -> str:
    """What the proof says that it shows; of one that cannot be read, that the text is in."""
    try:
        record = parse_strictly(data, "")
    except ClaimFalse:
        return "in"
    kind = record.get("kind") if isinstance(record, dict) else None
    return kind if isinstance(kind, str) and kind in WORDS else "in"


def _private(release: Path) -> Evidence:
    evidence = Evidence(release, 1, silent)
    if evidence.recipe().private is None:
        raise Misuse(f"{release}: nothing in it is private", hint="`glasswright corpus prove` shows a document's row")
    return evidence


def read_text(path: Path) -> bytes:
    """The text in a file, which a proof can be about.

    Raises:  Misuse if it cannot be read, is not UTF-8, as every document is, or has no letters.
    """
    data = _read(path, MAX_TEXT_BYTES)
    _require_letters(data, str(path))
    return data


def _require_letters(text: bytes, where: str) -> None:
    """That its letters are its own: those of another encoding are no document's, and none are those of every sign."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        hint = "documents are learned from in UTF-8, and have other letters in another encoding: write it in that"
        raise Misuse(f"{where}: not UTF-8: {error.reason} at byte {error.start}", hint=hint) from error
    if letters(text) == letters(b""):
        raise Misuse(f"{where}: no letter and no digit is in it, and texts are told apart by these")


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        return foreign.read(path, max_bytes=max_bytes)
    except foreign.TooLarge as error:
        raise Misuse(f"{error}: larger than any that is read", hint="is this the right file?") from error
    except foreign.NotRead as error:
        raise Misuse(f"{path}: cannot be read: {error.why}") from error
