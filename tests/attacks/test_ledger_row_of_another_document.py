"""A row's path is changed, and every root made to fit: the id no longer follows."""

import dataclasses
from pathlib import Path

from tests.attacks.forging import refused, reroot

from glasswright.store.ledger import read_ledger, write_ledger


def forge(release: Path) -> None:
    path = release / "corpus" / "ledger.parquet"
    rows = read_ledger(path)
    write_ledger(path, [dataclasses.replace(rows[0], path="elsewhere.txt"), *rows[1:]])
    reroot(release)


def test_ledger_row_of_another_document(release: Path) -> None:
    forge(release)
    refused(release, step="ledger", evidence=r"row 1: elsewhere\.txt: the id is not that of source, path and sha256")
