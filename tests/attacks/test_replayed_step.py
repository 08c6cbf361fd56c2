"""The record of one step stands in for another; every root fits."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change_lines, refused, reroot


def forge(release: Path) -> None:
    def edit(lines: list[Any]) -> None:
        steps = [place for place, line in enumerate(lines) if line["determined"]["kind"] == "step"]
        lines[steps[3]] = lines[steps[2]]

    change_lines(release / "transcript.jsonl", edit)
    reroot(release)


def test_replayed_step(release: Path) -> None:
    forge(release)
    refused(release, step="transcript", evidence=r"transcript\.jsonl:7: expected step 4, found step 3")
