"""Every step reads one document; every root fits."""

from pathlib import Path

from tests.attacks.forging import change_reads, refused

from glasswright.records.transcript import Span


def forge(release: Path) -> None:
    def edit(reads: list[list[list[Span]]]) -> None:
        longest = max((span for step in reads for spans in step for span in spans), key=lambda span: span.count)
        for step in reads:
            for spans in step:
                spans[:] = [longest]

    change_reads(release, edit)


def test_one_document_read(release: Path) -> None:
    forge(release)
    refused(release, step="reads", evidence=r"step 1: sequence [01]: expected tokens")
