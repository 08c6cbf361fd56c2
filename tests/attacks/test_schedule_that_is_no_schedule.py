"""Rates that are no numbers, rows too few, columns of another name: each refused, though every root fits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import change_lines, events, refused, reroot


def _nan(block: Any) -> None:
    block["rows"][3][1] = "0x7fc00000"


def _text(block: Any) -> None:
    block["rows"][3][1] = "fast"


def _fewer(block: Any) -> None:
    block["rows"].pop()


def _columns(block: Any) -> None:
    block["columns"][0] = "rate"


def _one_unit(block: Any) -> None:
    """A single unit in the last place of one rate of one step."""
    block["rows"][4][0] = f"0x{int(block['rows'][4][0], 16) + 1:08x}"


EDITS = [
    (_nan, r"step 4: muon_learning_rate: expected .*, found 0x7fc00000"),
    (_text, r"step 4: muon_learning_rate: expected .*, found fast"),
    (_fewer, r"expected 5 rows, found 4"),
    (_columns, r"expected the columns adamw_learning_rate, .* found rate"),
    (_one_unit, r"step 5: adamw_learning_rate"),
]


@pytest.mark.parametrize(("edit", "evidence"), EDITS, ids=[edit.__name__[1:] for edit, _ in EDITS])
def test_a_schedule_that_is_not_the_recipe_s(release: Path, edit: Callable[[Any], None], evidence: str) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: edit(events(lines, "schedule")[0]))
    reroot(release)
    refused(release, step="schedule", evidence=evidence)
