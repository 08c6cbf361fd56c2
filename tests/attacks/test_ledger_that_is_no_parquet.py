"""The ledger is another kind of file."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    (release / "corpus" / "ledger.parquet").write_text("document_id,license\n1,MIT\n")
    relist(release)


def test_ledger_that_is_no_parquet(release: Path) -> None:
    forge(release)
    refused(release, step="ledger", evidence=r"^corpus/ledger\.parquet: not readable as Parquet")
