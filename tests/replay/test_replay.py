"""Segments and whole releases run again: what is true is proved, what is false refuted, the rest unknown."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glasswright import pipeline
from glasswright.attest.tensors import tensors_root
from glasswright.errors import Misuse
from glasswright.pipeline import Setting
from glasswright.records.canonical import canonical_bytes
from glasswright.records.progress import Progress
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import StateRecord
from glasswright.records.verdict import Answer, Verdict
from glasswright.replay import rebuild, segments
from glasswright.store import tensors
from glasswright.train.digests import digests_of
from glasswright.train.effort import Effort


class Stop(Exception):
    """What a test raises to end a rebuild."""


Make = Callable[..., Setting]
ONE = Effort(num_threads=1, leaves_at_once=1)


@pytest.fixture
def release(recipe: Recipe, setting: Make, tmp_path: Path) -> Path:
    return pipeline.build(recipe, setting=setting(), out=tmp_path / "release")


def replayed(release: Path, count: int = 3, draw_seed: int = 0) -> Verdict:
    return segments(release, count=count, draw_seed=draw_seed, effort=Effort(num_threads=2, leaves_at_once=2))


def test_every_segment_of_an_honest_release_is_proved(release: Path) -> None:
    verdict = replayed(release)
    assert [finding.answer for finding in verdict.findings] == [Answer.PROVED] * 3
    assert "3 of 3 segments were drawn" in verdict.not_checked[0]


def test_the_draw_repeats_with_its_seed_and_states_its_odds(release: Path) -> None:
    drawn = {seed: replayed(release, count=1, draw_seed=seed).findings[0].claim for seed in range(6)}
    assert replayed(release, count=1, draw_seed=3).findings[0].claim == drawn[3]
    assert len(set(drawn.values())) > 1
    assert "miss them all with probability at most 95%" in replayed(release, count=1).not_checked[0]


def edit_line(path: Path, number: int, change: Callable[[dict], None]) -> None:
    lines = path.read_bytes().splitlines()
    record = json.loads(lines[number])
    change(record["determined"])
    lines[number] = canonical_bytes(record)
    path.write_bytes(b"\n".join(lines) + b"\n")


def test_a_forged_loss_is_refuted_by_step_and_field(release: Path) -> None:
    edit_line(release / "transcript" / "steps.jsonl", 4, lambda step: step.update(loss_nats="0x3f800000"))
    answers = {finding.answer: finding.evidence for finding in replayed(release).findings}
    assert answers[Answer.REFUTED].startswith("step 5: loss_nats: recorded '0x3f800000', re-executed '0x40")


def test_a_forged_state_with_consistent_digests_is_refuted_by_tensor(release: Path) -> None:
    """One unit in the last place of one weight, and every record made to agree with it."""
    path = release / "checkpoints" / "state-00000006.safetensors"
    state = {name: values.copy() for name, values in tensors.load(path).items()}
    gain_D = state["model.model.norm.weight"]
    gain_D[0] = np.nextafter(gain_D[0], np.float32(2))
    tensors.save(path, state)

    def agree(record: dict) -> None:
        digests = digests_of(state)
        forged = StateRecord(segment=2, step=6, root=tensors_root(digests), tensors=digests)
        record.update(forged.record())

    edit_line(release / "transcript" / "states.jsonl", 2, agree)
    findings = replayed(release).findings
    assert [finding.answer for finding in findings] == [Answer.PROVED, Answer.REFUTED, Answer.REFUTED]
    assert findings[1].evidence == "after step 6, model.model.norm.weight differs"


def test_a_segment_without_its_checkpoint_is_unknown(release: Path) -> None:
    (release / "checkpoints" / "state-00000003.safetensors").unlink()
    findings = replayed(release).findings
    assert [finding.answer for finding in findings] == [Answer.PROVED, Answer.UNKNOWN, Answer.PROVED]


def test_a_checkpoint_that_is_not_the_recorded_state_is_unknown(release: Path) -> None:
    folder = release / "checkpoints"
    shutil.copy(folder / "state-00000006.safetensors", folder / "state-00000003.safetensors")
    assert replayed(release).findings[1].evidence == "state-00000003.safetensors: not the recorded state"


def test_a_rebuild_reaches_every_root(release: Path, setting: Make, tmp_path: Path) -> None:
    effort = Effort(num_threads=3, leaves_at_once=2)
    verdict = rebuild(
        release, setting=setting("again", effort=effort), out=tmp_path / "again-release", from_sources=False
    )
    assert verdict.answer == Answer.PROVED
    assert len(verdict.findings) == 7


def test_a_rebuild_takes_nothing_from_the_work_of_the_build(release: Path, setting: Make, tmp_path: Path) -> None:
    for attempt in ("first", "second"):
        steps: list[Progress] = []
        rebuild(release, setting=setting("work", report=steps.append), out=tmp_path / attempt, from_sources=False)
        assert sum(progress.what == "train" for progress in steps) == 9


def test_a_stopped_rebuild_goes_on(release: Path, setting: Make, tmp_path: Path) -> None:
    steps: list[int] = []

    def stop(progress: Progress) -> None:
        if progress.what == "train":
            steps.append(progress.done)
            if len(steps) == 5:
                raise Stop

    with pytest.raises(Stop):
        rebuild(release, setting=setting(report=stop), out=tmp_path / "again", from_sources=False)
    verdict = rebuild(release, setting=setting(report=stop), out=tmp_path / "again", from_sources=False)
    assert verdict.answer == Answer.PROVED
    assert steps == [1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9]


def test_a_rebuild_from_the_sources_reaches_every_root(release: Path, setting: Make, tmp_path: Path) -> None:
    verdict = rebuild(release, setting=setting("again"), out=tmp_path / "again-release", from_sources=True)
    assert verdict.answer == Answer.PROVED


def test_a_rebuild_from_changed_sources_is_refuted(release: Path, setting: Make, tmp_path: Path) -> None:
    stories = tmp_path / "stories.jsonl"
    stories.write_text(stories.read_text().replace("heron", "crane"))
    verdict = rebuild(release, setting=setting("again"), out=tmp_path / "again-release", from_sources=True)
    refuted = [finding.claim.split()[2] for finding in verdict.findings if finding.answer == Answer.REFUTED]
    assert refuted == ["ledger", "tokens", "transcript", "weights", "release"]


def test_forged_weights_root_is_refuted(release: Path, setting: Make, tmp_path: Path) -> None:
    record = json.loads((release / "release.json").read_bytes())
    record["determined"]["weights"] = "0" * 64
    (release / "release.json").write_bytes(canonical_bytes(record))
    verdict = rebuild(release, setting=setting("again"), out=tmp_path / "again-release", from_sources=False)
    refuted = [finding.claim.split()[2] for finding in verdict.findings if finding.answer == Answer.REFUTED]
    assert refuted == ["weights", "release"]


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path, setting: Make) -> None:
    with pytest.raises(Misuse, match=r"release.json: not found"):
        rebuild(tmp_path, setting=setting(), out=tmp_path / "out", from_sources=False)
