"""statements/ holds what was said of this release, in signed envelopes, and nothing else."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import read, refused

from glasswright.records.verdict import Answer
from glasswright.verify import check


def envelope(root: str, **changes: Any) -> dict[str, Any]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "release", "digest": {"glasswrightReleaseRoot": root}}],
        "predicateType": "https://example.org/replayed/v1",
        "predicate": {},
        **changes,
    }
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    signature = {"keyid": "me", "sig": "AAAA"}
    return {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [signature]}


def put(release: Path, content: bytes, name: str = "replayed.json") -> Path:
    (release / "statements").mkdir(exist_ok=True)
    path = release / "statements" / name
    path.write_bytes(content)
    return path


def root_of(release: Path) -> str:
    return str(read(release / "release.json")["root"])


def test_a_statement_about_the_release_is_listed_and_its_signer_is_not_vouched_for(release: Path) -> None:
    put(release, json.dumps(envelope(root_of(release))).encode())
    verdict = check(release)
    assert verdict.answer is Answer.PROVED
    assert verdict.findings[-1].evidence.startswith("1 statements about this release root")
    told = "statements/replayed.json: https://example.org/replayed/v1, signed with me: whether the signature is good"
    assert verdict.not_checked[0].startswith(told)


def forge(release: Path) -> None:
    put(release, json.dumps(envelope("0" * 64)).encode())


def test_a_statement_about_another_release_is_refused(release: Path) -> None:
    forge(release)
    refused(release, step="statements", evidence=r"^statements/replayed\.json: no subject is this release")


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"[]",
        b"{}",
        b'{"payloadType": "application/vnd.in-toto+json", "payload": "***", "signatures": []}',
        b'{"payloadType": "text/plain", "payload": "e30=", "signatures": []}',
        b'{"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": []}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
    ids=range(8),
)
def test_what_is_no_statement_is_refused(release: Path, content: bytes) -> None:
    put(release, content)
    refused(release, step="statements", evidence=r"^statements/replayed\.json")


@pytest.mark.parametrize("name", ["weights.bin", "a b.json", "x/y.json", ".json"])
def test_another_kind_of_file_is_refused(release: Path, name: str) -> None:
    (release / "statements" / name).parent.mkdir(parents=True)
    put(release, json.dumps(envelope(root_of(release))).encode(), name)
    refused(release, step="statements", evidence="^statements/")


def test_an_endless_statement_is_refused(release: Path) -> None:
    os.truncate(put(release, b"{}"), 2**40)
    refused(release, step="statements", evidence="at most 1,048,576 bytes")


def test_an_empty_folder_of_statements_is_refused(release: Path) -> None:
    (release / "statements").mkdir()
    refused(release, step="files", evidence="^statements/: an empty folder")
