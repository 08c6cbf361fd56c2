"""Rows of the ledger that are at odds with themselves, each other or the recipe; every root fits."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import refused, reroot

from glasswright.records.ledger import LedgerRow, document_id
from glasswright.store.ledger import read_ledger, write_ledger

KEPT: list[dict[str, Any]] = [
    {"license": None},
    {"license": "LicenseRef-Proprietary"},
    {"license": "CC-BY-NC-4.0"},
    {"license": "CC0-1.0 AND CC-BY-NC-4.0"},
    {"reason": "too_few_words"},
    {"reason": "\x1b[31mkept"},
    {"pii_masked": -5},
    {"bytes": -1},
    {"tokens": 0},
    {"tokens": None},
    {"duplicate_of": "0" * 64},
    {"media_type": "text/\x00plain"},
]
DROPPED: list[dict[str, Any]] = [
    {"reason": "kept"},
    {"reason": ""},
    {"reason": "Because I say so"},
    {"duplicate_of": "0" * 64},
    {"tokens": 5},
]


def forge(release: Path, change: dict[str, Any] = KEPT[6], *, kept: bool = True) -> int:
    """Change the first row that is, or is not, kept; its number."""
    path = release / "corpus" / "ledger.parquet"
    rows = read_ledger(path)
    place = next(number for number, row in enumerate(rows) if row.is_kept is kept)
    rows[place] = dataclasses.replace(rows[place], **change)
    write_ledger(path, rows)
    reroot(release)
    return place + 1


@pytest.mark.parametrize("change", KEPT, ids=repr)
def test_a_kept_row_that_cannot_be_kept(release: Path, change: dict[str, Any]) -> None:
    number = forge(release, change, kept=True)
    refused(release, step="rows", evidence=rf"^corpus/ledger\.parquet: row {number}: .*{next(iter(change))}")


@pytest.mark.parametrize("change", DROPPED, ids=repr)
def test_a_dropped_row_at_odds_with_itself(release: Path, change: dict[str, Any]) -> None:
    number = forge(release, change, kept=False)
    refused(release, step="rows", evidence=rf"^corpus/ledger\.parquet: row {number}: .*{next(iter(change))}")


def test_a_row_of_a_source_that_the_recipe_does_not_have(release: Path) -> None:
    path = release / "corpus" / "ledger.parquet"
    rows = read_ledger(path)
    place = next(number for number, row in enumerate(rows) if not row.is_kept)
    rows[place] = _moved(rows[place], "elsewhere")
    write_ledger(path, sorted(rows, key=lambda row: row.document_id))
    reroot(release)
    refused(release, step="rows", evidence=r"row \d+: .*source 'elsewhere': the recipe has none")


def _moved(row: LedgerRow, source: str) -> LedgerRow:
    moved = document_id(source=source, path=row.path, sha256=row.sha256)
    return dataclasses.replace(row, source=source, document_id=moved)
