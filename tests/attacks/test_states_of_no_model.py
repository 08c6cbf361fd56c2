"""A state's record that no state has: digests that are none, tensors twice, missing or of another shape."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import change_lines, events, refused, reroot

from glasswright.attest.tensors import tensors_root
from glasswright.records.transcript import event_of


def _no_hex(state: Any) -> None:
    state["tensors"][2]["digest"] = "trust me"


def _capitals(state: Any) -> None:
    state["tensors"][2]["digest"] = state["tensors"][2]["digest"].upper()


def _twice(state: Any) -> None:
    state["tensors"].insert(0, state["tensors"][0])


def _missing(state: Any) -> None:
    state["tensors"].pop(3)


def _shape(state: Any) -> None:
    state["tensors"][4]["shape"] = [1, 1]


def _dtype(state: Any) -> None:
    state["tensors"][4]["dtype"] = "F16"


def _more(state: Any) -> None:
    state["tensors"].append({**state["tensors"][-1], "name": "notes"})


EDITS = [_no_hex, _capitals, _twice, _missing, _shape, _dtype, _more]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__[1:])
def test_a_state_that_no_model_has(release: Path, edit: Callable[[Any], None]) -> None:
    def forge(lines: list[Any]) -> None:
        state = events(lines, "state")[1]
        edit(state)
        state["root"] = tensors_root(event_of(state).tensors)

    change_lines(release / "transcript.jsonl", forge)
    reroot(release)
    refused(release, step="states", evidence=r"state after step 2")
