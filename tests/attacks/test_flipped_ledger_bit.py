"""One bit of the ledger's file."""

from pathlib import Path

from tests.attacks.forging import flip_bit, refused


def forge(release: Path) -> None:
    flip_bit(release / "corpus" / "ledger.parquet", 50)


def test_flipped_ledger_bit(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"^corpus/ledger\.parquet: recorded sha256")
