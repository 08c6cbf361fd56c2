"""Two documents have changed places."""

from pathlib import Path

from tests.attacks.forging import change_lines, refused, relist


def forge(release: Path) -> None:
    change_lines(release / "corpus" / "documents" / "00000.jsonl", lambda documents: documents.reverse())
    relist(release)


def test_swapped_documents(release: Path) -> None:
    forge(release)
    refused(release, step="documents", evidence=r"00000\.jsonl:1: expected document [0-9a-f]{12}")
