"""The first difference, down to where it is, in every part that can differ."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.attacks.forging import change, change_lines, change_reads, events
from tests.release.small import stages_in

from glasswright.errors import Misuse
from glasswright.records.transcript import Span, StepRecord
from glasswright.records.verdict import Answer
from glasswright.store import tensors
from glasswright.store.ledger import read_ledger, write_ledger
from glasswright.verify import diff
from glasswright.verify.diff import STEP_KEYS


def test_a_release_equals_its_copy(release: Path, true_release: Path) -> None:
    assert diff(true_release, release).answer is Answer.PROVED


def _recipe(release: Path) -> None:
    path = release / "recipe.yaml"
    path.write_text(path.read_text().replace("decay_steps: 2", "decay_steps: 1"))


def _row(release: Path) -> None:
    path = release / "corpus" / "ledger.parquet"
    rows = read_ledger(path)
    write_ledger(path, [*rows[:2], dataclasses.replace(rows[2], title="Other"), *rows[3:]])


def _document(release: Path) -> None:
    path = release / "corpus" / "ledger.parquet"
    write_ledger(path, read_ledger(path)[1:])


def _map(release: Path) -> None:
    change(release / "tokens" / "map.json", lambda token_map: token_map["documents"][1].update(num_tokens=9))


def _schedule(release: Path) -> None:
    def edit(lines: list[Any]) -> None:
        events(lines, "schedule")[0]["rows"][3][0] = "0x00000000"

    change_lines(release / "transcript.jsonl", edit)


def _step(release: Path) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: events(lines, "step")[2].update(clip="0x3f000000"))


def _reads(release: Path) -> None:
    def edit(reads: list[list[list[Span]]]) -> None:
        reads[2][1][0] = dataclasses.replace(reads[2][1][0], start=1)

    change_reads(release, edit)


def _fewer_steps(release: Path) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: lines.pop(-2))


def _state(release: Path) -> None:
    def edit(lines: list[Any]) -> None:
        state = events(lines, "state")[1]
        state["root"] = state["tensors"][3]["digest"] = "0" * 64

    change_lines(release / "transcript.jsonl", edit)
    (release / "checkpoints" / "state-00000002.safetensors").unlink()


def _checkpoint(release: Path) -> None:
    _state_name = "adamw.first_moment.model.norm.weight"
    _set(release / "checkpoints" / "state-00000002.safetensors", _state_name, 5, 1.0)

    def edit(lines: list[Any]) -> None:
        one, other = events(lines, "state")[1:3]
        one.update(root="0" * 64, tensors=other["tensors"])

    change_lines(release / "transcript.jsonl", edit)


def _weight(release: Path) -> None:
    _set(release / "model" / "model.safetensors", "model.layers.0.mlp.down_proj.weight", 17, -0.0)


def _set(path: Path, name: str, at: int, value: float) -> None:
    loaded = {key: np.array(array) for key, array in tensors.load(path).items()}
    loaded[name].reshape(-1)[at] = value
    tensors.save(path, loaded)


@pytest.mark.parametrize(
    ("part", "edit", "place"),
    [
        ("recipe", _recipe, "recipe.yaml: train: schedule: decay_steps: 2 and 1"),
        ("ledger", _row, "row 3 ("),
        ("ledger", _document, "is only in the first"),
        ("tokens", _map, "tokens/map.json: documents[1]: num_tokens: "),
        ("schedule", _schedule, "schedule: step 4: adamw_learning_rate: '0x3c5a740e' and '0x00000000'"),
        ("steps", _step, "step 3: clip: '0x3ee733b9' and '0x3f000000'"),
        ("reads", _reads, "step 3: sequences[1][0]: start: "),
        ("steps", _fewer_steps, "step 5: only in the first"),
        ("states", _state, "state after step 2: tensor adamw.first_moment.model.norm.weight"),
        (
            "states",
            _checkpoint,
            "tensor adamw.first_moment.model.norm.weight: element [5]: 0x",
        ),
        ("weights", _weight, "tensor model.layers.0.mlp.down_proj.weight: element [1, 5]: 0x"),
    ],
)
def test_a_difference_has_its_place(
    release: Path, true_release: Path, part: str, edit: Callable[[Path], None], place: str
) -> None:
    edit(release)
    verdict = diff(true_release, release)
    refuted = [finding for finding in verdict.findings if finding.answer is Answer.REFUTED]
    assert [finding.claim for finding in refuted] == [f"equal {part}"]
    assert place in refuted[0].evidence


def test_a_part_that_cannot_be_read_is_unknown(release: Path, true_release: Path) -> None:
    (release / "tokens" / "map.json").unlink()
    assert diff(true_release, release).answer is Answer.UNKNOWN


def test_two_training_runs_can_be_compared(true_release: Path, tmp_path: Path) -> None:
    run = stages_in(true_release.parent)["train"]
    other = tmp_path / "other"
    shutil.copytree(run, other)
    _set(other / "model" / "model.safetensors", "model.norm.weight", 0, 2.0)
    verdict = diff(run, other)
    assert "element [0]" in verdict.findings[-1].evidence
    assert "only releases hold them" in verdict.not_checked[-1]


def test_a_folder_of_neither_kind_is_misuse(tmp_path: Path, true_release: Path) -> None:
    with pytest.raises(Misuse, match="neither a release nor a training run"):
        diff(true_release, tmp_path)


def test_every_field_of_a_step_is_compared() -> None:
    assert {*STEP_KEYS, "reads"} == {field.name for field in dataclasses.fields(StepRecord)}
