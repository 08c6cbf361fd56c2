"""A step reads a document that is held back for validation; every root fits."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change_lines, read, refused, reroot


def forge(release: Path) -> None:
    documents = read(release / "tokens" / "map.json")["documents"]
    held_back = next(i for i, document in enumerate(documents) if document["split"] == "validation")

    def edit(lines: list[Any]) -> None:
        lines[0]["determined"]["sequences"][0][0][0] = held_back

    change_lines(release / "transcript" / "steps.jsonl", edit)
    reroot(release)


def test_validation_document_read(release: Path) -> None:
    forge(release)
    refused(release, step="steps", evidence=r"step 1: sequence 0: document \d is held back for validation")
