"""Checkpoints that no optimizer can lead to, with every digest, state, weight and root made to agree."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.attacks.forging import refused, restate

from glasswright.records.verdict import Answer
from glasswright.store import tensors
from glasswright.train.folder import state_path
from glasswright.verify import check, checkpoints

State = dict[str, Any]
EMBEDDING = "model.model.embed_tokens.weight"
MATRIX = "model.model.layers.0.mlp.up_proj.weight"


def _nan_weights(state: State) -> None:
    for name, array in state.items():
        if name.startswith("model."):
            array.fill(np.nan)


def _one_infinity(state: State) -> None:
    state[MATRIX][3, 2] = np.inf


def _other_weights(state: State) -> None:
    state[MATRIX] += np.float32(0.5)


def _one_weight(state: State) -> None:
    state[EMBEDDING][7, 3] += np.float32(1)


def _negative_moment(state: State) -> None:
    state["adamw.second_moment.model.embed_tokens.weight"][7, 3] = -1e-3


def _shrunk_moment(state: State) -> None:
    state["adamw.second_moment.model.embed_tokens.weight"] *= np.float32(0.01)


def _grown_moment(state: State) -> None:
    state["adamw.second_moment.model.embed_tokens.weight"][7, 3] = 100.0


def _first_moment(state: State) -> None:
    state["adamw.first_moment.model.embed_tokens.weight"][7, 3] = 100.0


def _momentum(state: State) -> None:
    state["muon.momentum.model.layers.0.mlp.up_proj.weight"][3, 2] = 1000.0


def forge(release: Path, edit: Callable[[State], None] = _one_weight, step: int = 5) -> None:
    path = state_path(release, step)
    state = {name: np.array(array) for name, array in tensors.load(path).items()}
    edit(state)
    tensors.save(path, state)
    restate(release)


EDITS = [
    (_nan_weights, r"model\.model\."),
    (_one_infinity, MATRIX),
    (_other_weights, MATRIX),
    (_one_weight, EMBEDDING),
    (_negative_moment, "second_moment"),
    (_shrunk_moment, "second_moment"),
    (_grown_moment, "second_moment"),
    (_first_moment, "first_moment"),
    (_momentum, "muon.momentum"),
]


@pytest.mark.parametrize("step", [2, 5])
@pytest.mark.parametrize(("edit", "tensor"), EDITS, ids=[edit.__name__[1:] for edit, _ in EDITS])
def test_a_checkpoint_that_no_optimizer_leads_to(
    release: Path, edit: Callable[[State], None], tensor: str, step: int
) -> None:
    if edit is _shrunk_moment and step == 2:
        pytest.skip("did not run: before step 2 there is no moment to shrink from")
    forge(release, edit, step)
    refused(release, step="leaps", evidence=tensor)
    places = [finding.place for finding in check(release).findings if finding.answer is Answer.REFUTED]
    assert places[0].keys() == {"step", "file", "tensor", "index"}


def test_a_number_is_found_at_its_index_whatever_is_read_at_a_time(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "STRETCH_BYTES", 20)
    forge(release)
    places = [finding.place for finding in check(release).findings if finding.answer is Answer.REFUTED]
    width = tensors.load(state_path(release, 5))[EMBEDDING].shape[1]
    assert (places[0]["tensor"], places[0]["index"]) == (EMBEDDING, 7 * width + 3)


def test_of_two_the_earlier_checkpoint_is_named(release: Path) -> None:
    """Though the tensor that is wrong in the later one comes first."""
    forge(release, _momentum, 2)
    forge(release, _one_infinity, 5)
    places = [finding.place for finding in check(release).findings if finding.answer is Answer.REFUTED]
    assert (places[0]["step"], places[0]["tensor"]) == (2, "muon.momentum.model.layers.0.mlp.up_proj.weight")
