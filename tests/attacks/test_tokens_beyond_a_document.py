"""A step claims tokens that its document does not have; every root fits."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change_lines, refused, reroot


def forge(release: Path) -> None:
    def edit(lines: list[Any]) -> None:
        lines[0]["determined"]["sequences"][0][0][1] = 10_000

    change_lines(release / "transcript" / "steps.jsonl", edit)
    reroot(release)


def test_tokens_beyond_a_document(release: Path) -> None:
    forge(release)
    refused(release, step="steps", evidence=r"step 1: sequence 0: tokens 10000 to 10003 of document \d, which has \d+")
