"""docs/release.md names every field of every record in a release."""

import dataclasses
import re
from pathlib import Path

import pytest

from glasswright.records.ledger import LedgerRow
from glasswright.records.release import PARTS, FileEntry, Manifest, Release, Roots
from glasswright.records.tokens import DocumentTokens, TokenMap, TokenShard
from glasswright.records.transcript import KINDS, ScheduleBlock, Span, StateRecord, StepRecord, TensorDigest

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
    ScheduleBlock,
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_is_on_the_page(record: type) -> None:
    named = {word for quoted in re.findall(r"`([^`\n]+)`", PAGE.read_text()) for word in re.findall(r"\w+", quoted)}
    assert {field.name for field in dataclasses.fields(record)} <= named


def test_every_key_of_release_json_and_every_part_is_on_the_page() -> None:
    roots = Roots(numerics=1, parts={})
    keys = [*Release(name="", root="", roots=roots, manifest="").record(), *PARTS]
    assert not [key for key in keys if f"`{key}`" not in PAGE.read_text()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_is_on_the_page(kind: str) -> None:
    assert f'`"kind": "{kind}"`' in PAGE.read_text()
