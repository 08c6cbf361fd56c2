"""Digests that nobody can compute who has not the salt. `records.private` says what they are for."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence

from glasswright.records.canonical import canonical_bytes
from glasswright.records.ledger import LedgerRow
from glasswright.records.private import SaltedLedger, SaltedRow, salted_ledger

BETWEEN = bytes(it for it in range(128) if not chr(it).isalnum())  # the letters of a text
SALT = re.compile(rb"[0-9a-f]{64}\n")


def new_salt() -> bytes:
    """A salt as its file has it, from the machine's source of random bits."""
    return f"{secrets.token_hex(32)}\n".encode()


def is_salt(data: bytes) -> bool:
    """Whether a file's bytes are a salt."""
    return SALT.fullmatch(data) is not None


def blinded(salt: bytes, part: str, root: str) -> str:
    """The root that a private release states of a part, from the part's own."""
    return _hmac(salt, canonical_bytes({"part": part, "root": root})).hex()


def key_of(salt: bytes, document_id: str) -> bytes:
    """The key to a document's row."""
    return _hmac(salt, canonical_bytes({"document_id": document_id}))


def named(sha256: str, salt: bytes | None) -> str:
    """How a recipe names a text that is taken out: by its sha256, salted where its documents are private."""
    return sha256 if salt is None else _hmac(salt, canonical_bytes({"removed": sha256})).hex()


def letters(text: bytes) -> str:
    """What a text is known by: sha256 of its letters, in hex. `text` is UTF-8.

    Its letters are its bytes without those of ASCII that are neither letter nor digit, and with the letters of ASCII in
    small: how a text is wrapped, quoted and ended makes no other text of it. No table of Unicode's is in this, so no
    version of one decides a root.
    """
    return hashlib.sha256(text.lower().translate(None, delete=BETWEEN)).hexdigest()


def row_id(key: bytes, letters: str) -> str:
    """The id of the row of a text with these letters."""
    return _hmac(key, letters.encode()).hex()


def row_keys(salt: bytes, letters_of: Mapping[str, str]) -> list[bytes]:
    """The keys of all rows that a stranger sees, in the order of the rows; the documents' letters are by their ids."""
    keys = [(key_of(salt, document_id), its) for document_id, its in letters_of.items()]
    return [key for key, _ in sorted(keys, key=lambda it: row_id(*it))]


def salted(salt: bytes, rows: Sequence[LedgerRow], texts: Iterable[tuple[str, bytes]]) -> SaltedLedger:
    """The ledger that a stranger sees; `texts` are those of the kept documents, with their ids."""
    kept = {row.document_id: row for row in rows if row.is_kept}
    return salted_ledger(
        (_salted_row(salt, kept[document_id], letters(text)) for document_id, text in texts),
        num_seen=len(rows),
        num_tokens=sum(row.tokens or 0 for row in kept.values()),
    )


def _salted_row(salt: bytes, row: LedgerRow, letters: str) -> SaltedRow:
    key = key_of(salt, row.document_id)
    return SaltedRow(id=row_id(key, letters), key=hashlib.sha256(key).hexdigest(), license=row.license or "")


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()
