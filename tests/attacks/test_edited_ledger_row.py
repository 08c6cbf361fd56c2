"""A license is changed in the ledger, and the list of files made to fit."""

import dataclasses
from pathlib import Path

from tests.attacks.forging import refused, relist

from glasswright.store.ledger import read_ledger, write_ledger


def forge(release: Path) -> None:
    path = release / "corpus" / "ledger.parquet"
    rows = read_ledger(path)
    write_ledger(path, [dataclasses.replace(rows[0], license="MIT"), *rows[1:]])
    relist(release)


def test_edited_ledger_row(release: Path) -> None:
    forge(release)
    refused(release, step="ledger", evidence=r"^corpus/ledger\.parquet: Merkle root over its rows: recorded")
