"""A step reads fewer tokens than the recipe says; every root fits."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change_lines, refused, reroot


def forge(release: Path) -> None:
    def edit(lines: list[Any]) -> None:
        lines[4]["determined"]["sequences"][1].pop()

    change_lines(release / "transcript" / "steps.jsonl", edit)
    reroot(release)


def test_short_sequence(release: Path) -> None:
    forge(release)
    refused(release, step="steps", evidence=r"step 5: sequence 1: expected 9 tokens, has 4")
