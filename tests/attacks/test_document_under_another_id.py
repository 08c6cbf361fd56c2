"""A document is carried under the id of none, its text as it was, and the list of files made to fit."""

from pathlib import Path

from tests.attacks.forging import change_lines, refused, relist


def forge(release: Path) -> None:
    change_lines(
        release / "corpus" / "documents" / "00000.jsonl",
        lambda documents: documents[1].update(document_id="f" * 64),
    )
    relist(release)


def test_document_under_another_id(release: Path) -> None:
    forge(release)
    refused(release, step="documents", evidence=r"^corpus/documents/00000\.jsonl:2: expected document .*, found f{12}")
