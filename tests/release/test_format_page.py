"""docs/release.md names every field of every record in a release."""

import dataclasses
import re
from pathlib import Path

import pytest

from glasswright.records.ledger import LedgerRow
from glasswright.records.release import FileEntry, Manifest, Release, Roots
from glasswright.records.tokens import DocumentTokens, TokenMap, TokenShard
from glasswright.records.transcript import Schedule, Span, StateRecord, StepRecord, TensorDigest

PAGE = Path(__file__).parents[2] / "docs" / "release.md"
RECORDS = (
    LedgerRow,
    Roots,
    FileEntry,
    Manifest,
    TokenMap,
    TokenShard,
    DocumentTokens,
    Span,
    StepRecord,
    StateRecord,
    TensorDigest,
    Schedule,
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_is_on_the_page(record: type) -> None:
    named = {word for quoted in re.findall(r"`([^`\n]+)`", PAGE.read_text()) for word in re.findall(r"\w+", quoted)}
    assert {field.name for field in dataclasses.fields(record)} <= named


def test_every_key_of_release_json_is_on_the_page() -> None:
    roots = Roots(numerics=1, recipe="", ledger="", tokens="", transcript="", weights="")
    keys = Release(name="", roots=roots, manifest="", observed={}).record().keys()
    assert not [key for key in keys if f"`{key}`" not in PAGE.read_text()]
