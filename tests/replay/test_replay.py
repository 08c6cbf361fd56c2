"""Segments and whole releases run again: what is true is proved, what is false refuted, the rest unknown.

Every verdict is about the release root, so each begins with the release being what its root says.
"""

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from tests.attacks.forging import change, change_lines, events, flip_bit, read, relist, restate

from glasswright import pipeline
from glasswright.errors import Misuse
from glasswright.kernels import backends
from glasswright.pipeline import Setting
from glasswright.recipe import load_as_written
from glasswright.records.part import AS_WRITTEN
from glasswright.records.progress import Progress
from glasswright.records.recipe import Recipe
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.replay import rebuild, segments
from glasswright.replay.segments import INITIAL, _limits
from glasswright.replay.standing import CLAIM
from glasswright.store import tensors
from glasswright.train.effort import Effort
from glasswright.train.folder import state_path
from glasswright.verify.folder import Folder


class Stop(Exception):
    """What a test raises to end a rebuild."""


Make = Callable[..., Setting]
ONE = Effort(num_threads=1, leaves_at_once=1)
THE_SECOND = next(seed for seed in range(99) if Random(seed).sample(range(1, 4), 1) == [2])
GAIN = "model.model.norm.weight"


@pytest.fixture
def release(recipe: Recipe, setting: Make, tmp_path: Path) -> Path:
    return pipeline.build(recipe, setting=setting(), out=tmp_path / "release")


def replayed(release: Path, count: int = 3, draw_seed: int = 0, report: Any = lambda _: None) -> Verdict:
    effort = Effort(num_threads=2, leaves_at_once=2)
    return segments(release, count=count, draw_seed=draw_seed, effort=effort, report=report)


def of_segments(verdict: Verdict) -> list[Finding]:
    """The findings on segments, in their order."""
    return [finding for finding in verdict.findings if finding.claim.startswith("steps ")]


def change_state(release: Path, step: int, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change a checkpoint, and make its record, the weights and every root agree."""
    path = state_path(release, step)
    state = {name: np.array(values) for name, values in tensors.load(path).items()}
    edit(state)
    tensors.save(path, state)
    restate(release)


def up_one_unit(state: dict[str, Any]) -> None:
    """One unit in the last place of one gain."""
    state[GAIN][5] = np.nextafter(state[GAIN][5], np.float32(2))


def test_every_segment_of_an_honest_release_is_proved(release: Path) -> None:
    verdict = replayed(release)
    assert [finding.answer for finding in verdict.findings] == [Answer.PROVED] * 5
    assert [finding.claim for finding in verdict.findings[:2]] == [CLAIM, INITIAL]
    assert "3 of 3 segments were drawn" in verdict.not_checked[0]
    assert verdict.subject == f"release root {read(release / 'release.json')['root']}"


@pytest.fixture
def by_integers(recipe: Recipe, setting: Make, tmp_path: Path) -> Path:
    """A release of version 2 of the numerics."""
    recipe = Recipe.model_validate({**recipe.resolved(), "numerics": 2})
    return pipeline.build(recipe, setting=setting("integers"), out=tmp_path / "integers-release")


def test_a_release_by_integers_is_replayed_and_rebuilt(by_integers: Path, setting: Make, tmp_path: Path) -> None:
    assert read(by_integers / "release.json")["numerics"] == 2
    assert replayed(by_integers).answer is Answer.PROVED
    again = rebuild(by_integers, setting=setting("again"), out=tmp_path / "again-release", from_sources=False)
    assert again.answer is Answer.PROVED


def test_a_release_by_integers_that_was_trained_by_chains_is_refuted(
    by_integers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "following", nullcontext)  # as if it were version 1 here
    verdict = replayed(by_integers)
    assert [finding.answer for finding in of_segments(verdict)] == [Answer.REFUTED] * 3


def test_the_draw_repeats_with_its_seed(release: Path) -> None:
    drawn = {seed: of_segments(replayed(release, count=1, draw_seed=seed))[0].claim for seed in range(6)}
    assert of_segments(replayed(release, count=1, draw_seed=3))[0].claim == drawn[3]
    assert len(set(drawn.values())) > 1


@pytest.mark.parametrize(("num_drawn", "chance"), [(1, "95%"), (3, "86%"), (14, "49%"), (59, "5%")])
def test_the_odds_of_a_miss_are_those_of_draws_without_memory(num_drawn: int, chance: str) -> None:
    """0.95 ** k: 59 draws for 5%. A slip to 0.95 * k would say 285% of three."""
    told = _limits(num_drawn, 100, 7)[0]
    assert f"miss them all with probability at most {chance};" in told
    assert f"a single wrong segment is found with probability {num_drawn}/100." in told


def nothing_is_run(release: Path, setting: Make, tmp_path: Path) -> list[Verdict]:
    """The verdicts of a replay and a rebuild, neither of which may train a step."""
    trained: list[Progress] = []

    def watch(progress: Progress) -> None:
        if progress.what in ("train", "replay"):
            trained.append(progress)

    verdicts = [
        replayed(release, report=watch),
        rebuild(release, setting=setting("again", report=watch), out=tmp_path / "again", from_sources=False),
    ]
    assert trained == []
    assert not (tmp_path / "again").exists()
    return verdicts


def test_a_changed_weight_is_refuted_before_anything_is_run(release: Path, setting: Make, tmp_path: Path) -> None:
    flip_bit(release / "model" / "model.safetensors", -1)
    for verdict in nothing_is_run(release, setting, tmp_path):
        assert verdict.answer is Answer.REFUTED
        assert "model/model.safetensors: tensor" in verdict.findings[0].evidence


def test_roots_of_zeros_are_refuted_before_anything_is_run(release: Path, setting: Make, tmp_path: Path) -> None:
    parts = dict.fromkeys(read(release / "release.json")["parts"], "0" * 64)
    change(release / "release.json", lambda top: top.update(parts=parts, root="f" * 64))
    for verdict in nothing_is_run(release, setting, tmp_path):
        assert verdict.answer is Answer.REFUTED
        assert verdict.subject == f"release root {'f' * 64}"


def test_a_forged_chat_template_is_refuted_before_anything_is_run(release: Path, setting: Make, tmp_path: Path) -> None:
    (release / "model" / "tokenizer_config.json").write_text('{"chat_template": "evil"}')
    relist(release)
    for verdict in nothing_is_run(release, setting, tmp_path):
        assert verdict.answer is Answer.REFUTED


def test_a_forged_loss_under_fitting_roots_is_refuted_by_step_and_field(release: Path) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: events(lines, "step")[4].update(loss_nats="0x3f800000"))
    restate(release)
    first, second, third = of_segments(replayed(release))
    assert [finding.answer for finding in (first, second, third)] == [Answer.PROVED, Answer.REFUTED, Answer.PROVED]
    assert second.evidence.startswith("step 5: loss_nats: recorded '0x3f800000', re-executed '0x40")
    assert second.place == {"step": 5}


def test_a_forged_state_under_fitting_roots_is_refuted_by_tensor_and_index(release: Path) -> None:
    change_state(release, 6, up_one_unit)
    findings = of_segments(replayed(release))
    assert [finding.answer for finding in findings] == [Answer.PROVED, Answer.REFUTED, Answer.REFUTED]
    assert findings[1].place == {"step": 6, "tensor": GAIN, "index": 5}
    assert findings[1].evidence.startswith(f"after step 6, {GAIN} differs at element 5: recorded 0x")


def test_forged_weights_under_fitting_roots_are_refuted(release: Path) -> None:
    """The last state, the weights made from it, and every digest: only running the last segment shows it."""
    change_state(release, 9, up_one_unit)
    assert [finding.answer for finding in of_segments(replayed(release))] == [
        Answer.PROVED,
        Answer.PROVED,
        Answer.REFUTED,
    ]


@pytest.mark.parametrize("draw_seed", range(3))
def test_a_forged_initial_state_is_refuted_whatever_is_drawn(release: Path, draw_seed: int) -> None:
    change_state(release, 0, up_one_unit)
    verdict = replayed(release, count=1, draw_seed=draw_seed)
    assert verdict.answer is Answer.REFUTED
    finding = next(finding for finding in verdict.findings if finding.claim == INITIAL)
    assert finding.answer is Answer.REFUTED
    assert finding.place == {"step": 0, "tensor": GAIN}


def test_a_segment_that_starts_where_nothing_leads_is_unknown(release: Path) -> None:
    shutil.rmtree(release / "checkpoints")
    relist(release)
    (finding,) = of_segments(replayed(release, count=1, draw_seed=THE_SECOND))
    assert finding.answer is Answer.UNKNOWN
    assert "carries no such checkpoint" in finding.evidence


def test_without_checkpoints_each_segment_goes_on_where_the_one_before_it_ended(release: Path) -> None:
    shutil.rmtree(release / "checkpoints")
    relist(release)
    assert [finding.answer for finding in of_segments(replayed(release))] == [Answer.PROVED] * 3


def test_no_segment_goes_on_from_one_that_ended_elsewhere(release: Path) -> None:
    change_state(release, 3, up_one_unit)
    shutil.rmtree(release / "checkpoints")
    relist(release)
    assert [finding.answer for finding in of_segments(replayed(release))][:2] == [Answer.REFUTED, Answer.UNKNOWN]


def test_a_release_that_cannot_be_read_whole_is_never_proved(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What verify could not find out stays unknown, though every segment leads to its state."""

    def unreadable(folder: Folder, path: str) -> Any:
        if path.startswith("corpus/documents"):
            raise PermissionError(13, "Permission denied", path)
        return opened(folder, path)

    opened = Folder.open
    monkeypatch.setattr(Folder, "open", unreadable)
    verdict = replayed(release)
    assert [finding.answer for finding in of_segments(verdict)] == [Answer.PROVED] * 3
    assert verdict.answer is Answer.UNKNOWN


def test_fewer_than_one_segment_is_misuse(release: Path) -> None:
    with pytest.raises(Misuse, match="expected at least 1"):
        replayed(release, count=0)


def test_a_rebuild_reaches_every_root(release: Path, setting: Make, tmp_path: Path) -> None:
    effort = Effort(num_threads=3, leaves_at_once=2)
    verdict = rebuild(
        release, setting=setting("again", effort=effort), out=tmp_path / "again-release", from_sources=False
    )
    assert verdict.answer == Answer.PROVED
    assert [finding.claim.split()[2] for finding in verdict.findings[1:]] == [
        "ledger",
        "model",
        "recipe",
        "tokens",
        "transcript",
        "weights",
        "release",
    ]
    assert verdict.subject == f"release root {read(release / 'release.json')['root']}"


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
    assert refuted_parts(verdict) == ["ledger", "model", "tokens", "transcript", "weights", "release"]


def test_a_rebuild_of_forged_weights_under_fitting_roots_is_refuted(
    release: Path, setting: Make, tmp_path: Path
) -> None:
    change_state(release, 9, up_one_unit)
    verdict = rebuild(release, setting=setting("again"), out=tmp_path / "again-release", from_sources=False)
    assert refuted_parts(verdict) == ["transcript", "weights", "release"]


def test_a_release_of_an_earlier_version_of_the_recipe_is_rebuilt_to_its_root(
    release: Path, setting: Make, tmp_path: Path
) -> None:
    """A key that was not there when the release was made: here `weights_license` plays its part."""
    resolved = load_as_written(release / "recipe.yaml").resolved()
    del resolved["weights_license"]
    shutil.rmtree(release)
    pipeline.build(Recipe.model_validate(resolved, context=AS_WRITTEN), setting=setting("earlier"), out=release)
    assert "weights_license" not in (release / "recipe.yaml").read_text()
    verdict = rebuild(release, setting=setting("again"), out=tmp_path / "again-release", from_sources=False)
    assert verdict.answer is Answer.PROVED


def refuted_parts(verdict: Verdict) -> list[str]:
    return [finding.claim.split()[2] for finding in verdict.findings if finding.answer == Answer.REFUTED]


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path, setting: Make) -> None:
    with pytest.raises(Misuse, match="not a release: it holds no release.json"):
        rebuild(tmp_path, setting=setting(), out=tmp_path / "out", from_sources=False)
    with pytest.raises(Misuse, match="not a release: it holds no release.json"):
        replayed(tmp_path)
