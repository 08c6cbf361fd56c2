"""A document that the ledger does not keep is carried."""

from pathlib import Path

from tests.attacks.forging import change_lines, refused, relist


def forge(release: Path) -> None:
    slipped_in = {"document_id": "f" * 64, "text": "Nobody decided about me."}
    change_lines(release / "corpus" / "documents" / "00000.jsonl", lambda documents: documents.append(slipped_in))
    relist(release)


def test_document_slipped_in(release: Path) -> None:
    forge(release)
    refused(release, step="documents", evidence=r"document ffffffffffff is beyond the ledger's kept ones")
