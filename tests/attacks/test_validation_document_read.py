"""A step reads a document that is held back for validation; every root fits."""

from dataclasses import replace
from pathlib import Path

from tests.attacks.forging import change_reads, read, refused

from glasswright.records.transcript import Span


def forge(release: Path) -> None:
    documents = read(release / "tokens" / "map.json")["documents"]
    held_back = next(i for i, document in enumerate(documents) if document["split"] == "validation")

    def edit(reads: list[list[list[Span]]]) -> None:
        reads[0][0][0] = replace(reads[0][0][0], document=held_back)

    change_reads(release, edit)


def test_validation_document_read(release: Path) -> None:
    forge(release)
    refused(release, step="reads", evidence=r"step 1: sequence 0: expected tokens .* found tokens")
