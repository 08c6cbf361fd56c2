"""A step claims tokens that its document does not have; every root fits."""

from dataclasses import replace
from pathlib import Path

from tests.attacks.forging import change_reads, refused

from glasswright.records.transcript import Span


def forge(release: Path) -> None:
    def edit(reads: list[list[list[Span]]]) -> None:
        reads[0][0][0] = replace(reads[0][0][0], start=10_000)

    change_reads(release, edit)


def test_tokens_beyond_a_document(release: Path) -> None:
    forge(release)
    refused(release, step="reads", evidence=r"step 1: sequence 0: expected tokens .* found tokens 10000 to")
