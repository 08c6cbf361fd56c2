"""What others have said of the release: `statements/*.json`, which no list holds, since they come after it.

A file is a DSSE envelope (https://github.com/secure-systems-lab/dsse) around an in-toto statement, version 1, one of
whose subjects is the release: its `digest` has the release root under the name ROOT_DIGEST.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from glasswright.errors import ClaimFalse
from glasswright.verify.evidence import Evidence
from glasswright.verify.files import STATEMENTS
from glasswright.verify.folder import REPLACE

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
ROOT_DIGEST = "glasswrightReleaseRoot"
NAME = re.compile(r"statements/[A-Za-z0-9._-]{1,120}\.json")
MAX_BYTES = 2**20
MAX_STATEMENTS = 1000
HINT = f"remove it: {STATEMENTS} holds signed statements about this release, and nothing else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A statement, and who is said to have signed it."""

    path: str
    predicate_type: str
    key_ids: tuple[str, ...]


def statements_are_about_it(evidence: Evidence) -> str:
    """Whatever lies in statements/ is a statement about this release."""
    said = read_statements(evidence)
    if not said:
        return "none are there"
    return f"{len(said)} statements about this release root; who signed them is not checked here"


def read_statements(evidence: Evidence) -> list[Said]:
    """The statements, in the order of their names.

    Raises:  ClaimFalse naming the file that is none, or is about something else.
    """
    found = {path: size for path, size in evidence.folder.walk() if path.startswith(STATEMENTS)}
    if len(found) > MAX_STATEMENTS:
        raise ClaimFalse(f"{STATEMENTS}: more than {MAX_STATEMENTS} files", hint=HINT)
    root = evidence.release().root
    return [_read(evidence, path, size, root) for path, size in sorted(found.items())]


def _read(evidence: Evidence, path: str, size: int, root: str) -> Said:
    if not NAME.fullmatch(path) or size > MAX_BYTES:
        raise ClaimFalse(f"{path}: no statement: expected a .json of at most {MAX_BYTES:,} bytes", hint=HINT)
    envelope = _object(evidence.folder.read(path), path)
    if envelope.get("payloadType") != PAYLOAD_TYPE or not isinstance(envelope.get("payload"), str):
        raise ClaimFalse(f"{path}: no DSSE envelope of type {PAYLOAD_TYPE}", hint=HINT)
    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ClaimFalse(f"{path}: payload: not base64: {error}", hint=HINT) from error
    statement = _object(payload, f"{path}: payload")
    subjects = statement.get("subject")
    digests = [s.get("digest") for s in subjects if isinstance(s, dict)] if isinstance(subjects, list) else []
    if statement.get("_type") != STATEMENT_TYPE:
        raise ClaimFalse(f"{path}: payload: _type: expected {STATEMENT_TYPE}", hint=HINT)
    if not any(isinstance(digest, dict) and digest.get(ROOT_DIGEST) == root for digest in digests):
        raise ClaimFalse(f"{path}: no subject is this release: expected {ROOT_DIGEST} {root}", hint=HINT)
    signatures = envelope.get("signatures")
    keys = (
        [str(s.get("keyid", ""))[:80] for s in signatures if isinstance(s, dict)]
        if isinstance(signatures, list)
        else []
    )
    return Said(path=path, predicate_type=str(statement.get("predicateType"))[:200], key_ids=tuple(keys))


def _object(data: bytes, where: str) -> dict[str, Any]:
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ClaimFalse(f"{where}: not JSON: {error}", hint=REPLACE) from error
    if not isinstance(value, dict):
        raise ClaimFalse(f"{where}: expected an object, found {type(value).__name__}", hint=HINT)
    return value
