"""A document's text is changed and the list of files made to fit."""

from pathlib import Path

from tests.attacks.forging import change_lines, refused, relist


def forge(release: Path) -> None:
    def edit(documents: list[dict[str, str]]) -> None:
        documents[1]["text"] = documents[1]["text"].replace("older", "elder")

    change_lines(release / "corpus" / "documents" / "00000.jsonl", edit)
    relist(release)


def test_changed_document(release: Path) -> None:
    forge(release)
    refused(
        release, step="documents", evidence=r"^corpus/documents/00000\.jsonl:2: document [0-9a-f]{12} .*recorded sha256"
    )
