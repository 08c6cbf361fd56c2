"""The schedule is 1.0 everywhere, as if it had not mattered; every root fits."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change_lines, events, refused, reroot

ONE = "0x3f800000"


def forge(release: Path) -> None:
    def edit(lines: list[Any]) -> None:
        for block in events(lines, "schedule"):
            block["rows"] = [[ONE] * len(row) for row in block["rows"]]

    change_lines(release / "transcript.jsonl", edit)
    reroot(release)


def test_schedule_of_ones(release: Path) -> None:
    forge(release)
    refused(release, step="schedule", evidence=r"transcript\.jsonl:2: step 1: \w+: expected 0x\w+, found 0x3f800000")
