"""A step reads fewer tokens than the recipe says; every root fits."""

from dataclasses import replace
from pathlib import Path

from tests.attacks.forging import change_reads, refused

from glasswright.records.transcript import Span


def forge(release: Path) -> None:
    def edit(reads: list[list[list[Span]]]) -> None:
        first = reads[4][1][0]
        reads[4][1][0] = replace(first, count=first.count - 1)

    change_reads(release, edit)


def test_short_sequence(release: Path) -> None:
    forge(release)
    refused(release, step="reads", evidence=r"step 5: sequence 1: expected tokens .* found tokens")
