"""A kept document is not carried."""

from pathlib import Path

from tests.attacks.forging import change_lines, refused, relist


def forge(release: Path) -> None:
    change_lines(release / "corpus" / "documents" / "00000.jsonl", lambda documents: documents.pop())
    relist(release)


def test_document_left_out(release: Path) -> None:
    forge(release)
    refused(release, step="documents", evidence=r"document [0-9a-f]{12} \(\d\.txt\) is not carried")
