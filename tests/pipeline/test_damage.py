"""Whatever happens to a file that a stage left, the next build notices it and ends in the root of an untouched one."""

import json
import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.attacks.forging import flip_bit
from tests.pipeline.conftest import setting_in, write_stories
from tests.release.roots import root_of

from glasswright import pipeline, verify
from glasswright.errors import ClaimFalse, Unknown
from glasswright.pipeline import done, finish, stage, stages
from glasswright.pipeline.done import DONE
from glasswright.records.canonical import canonical_bytes
from glasswright.records.progress import Progress, silent
from glasswright.records.recipe import Recipe
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.store.atomic import WriteFailed

SEED = 20261127  # which bits are flipped


class Stop(Exception):
    """What a test raises to end a build."""


class Built(NamedTuple):
    """A finished build."""

    recipe: Recipe
    folder: Path
    root: str

    def files(self) -> list[Path]:
        """Every file that a stage left, relative to the work folder."""
        work = self.folder / "work"
        return sorted(path.relative_to(work) for path in work.glob("*-*/**/*") if path.is_file())

    def file(self, pattern: str) -> Path:
        (found,) = [path for path in self.files() if path.match(pattern)]
        return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    resolved = write_stories(folder).model_dump(mode="json")
    resolved["train"] |= {"num_steps": 4, "segment_steps": 2, "schedule": {"warmup_steps": 1, "decay_steps": 2}}
    recipe = Recipe.model_validate(resolved)
    release = pipeline.build(recipe, setting=setting_in(folder, folder / "work"), out=folder / "release")
    return Built(recipe, folder, root_of(release))


@pytest.fixture
def work(built: Built, tmp_path: Path) -> Path:
    """A copy of its work folder."""
    return shutil.copytree(built.folder / "work", tmp_path / "work")


def _build_again(built: Built, work: Path, out: Path) -> tuple[str, list[Progress]]:
    seen: list[Progress] = []
    pipeline.build(built.recipe, setting=setting_in(built.folder, work, report=seen.append), out=out)
    return root_of(out), seen


def _flip_any_bit(path: Path) -> None:
    chosen = random.Random(f"{SEED} {path.name}")
    flip_bit(path, chosen.randrange(path.stat().st_size))


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _turn_into_a_link(path: Path) -> None:
    elsewhere = path.parents[3] / "elsewhere"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)


def each_is_noticed(built: Built, folder: Path, harm: Callable[[Path], None], files: list[Path]) -> None:
    """The next build says which file was harmed, and ends in the root, for each of the files."""
    for number, file in enumerate(files):
        work = shutil.copytree(built.folder / "work", folder / f"{number}" / "work")
        harm(work / file)
        root, seen = _build_again(built, work, folder / f"{number}" / "release")
        assert root == built.root, file
        told = [progress.note for progress in seen if progress.is_news]
        if file.name != DONE:  # a stage without its record has not ended, and a link to the record is the record
            assert [str(work / file) in note for note in told] == [True], (file, told)


HARMS = {"flip": _flip_any_bit, "truncate": _truncate, "remove": Path.unlink, "link": _turn_into_a_link}


@pytest.mark.parametrize("harm", HARMS)
def test_a_file_of_any_stage_can_be_harmed(built: Built, tmp_path: Path, harm: str) -> None:
    """A sample of the test below, by the seed that pytest prints."""
    each_is_noticed(built, tmp_path, HARMS[harm], random.sample(built.files(), 2))


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARMS)
def test_every_file_of_every_stage_can_be_harmed(built: Built, tmp_path: Path, harm: str) -> None:
    each_is_noticed(built, tmp_path, HARMS[harm], built.files())


@pytest.mark.parametrize("pattern", ["corpus-*/documents", "tokens-*/shards", "train-*/model", "train-*/checkpoints"])
@pytest.mark.parametrize("name", ["extra", "extra folder/", ".a.partial"])
def test_what_no_stage_left_is_noticed(built: Built, work: Path, tmp_path: Path, pattern: str, name: str) -> None:
    (folder,) = work.glob(pattern)
    if name.endswith("/"):
        (folder / name).mkdir()
    else:
        (folder / name).write_bytes(b"x")
    root, seen = _build_again(built, work, tmp_path / "release")
    assert root == built.root
    assert [str(folder / name) in progress.note for progress in seen if progress.is_news] == [True]
    assert not (folder / name).exists()


# A file of each stage, and where a bit can be flipped without anybody who reads it stumbling.
UNNOTICED = {
    "documents/00000.jsonl": b"heron",
    "shards/00000.bin": b"",
    "model/model.safetensors": b"",
    "transcript.jsonl": b'loss_nats":"0x40',
}


def _flip_unnoticed(path: Path, after: bytes) -> None:
    data = path.read_bytes()
    flip_bit(path, data.index(after) + len(after) - 1 if after else -1)


@pytest.mark.parametrize(("pattern", "after"), UNNOTICED.items(), ids=[name.split("/")[0] for name in UNNOTICED])
def test_unless_the_digests_are_looked_at_a_flipped_bit_ends_in_another_release(
    built: Built, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, after: bytes
) -> None:
    """The sabotage of the tests above: without their check, and without the one at the end."""
    monkeypatch.setattr(stage, "damage", lambda folder, *_, **__: [] if (folder / DONE).exists() else None)
    monkeypatch.setattr(finish, "_require_proved", lambda *_: None)
    _flip_unnoticed(work / built.file(pattern), after)
    root, _ = _build_again(built, work, tmp_path / "release")
    assert root != built.root or verify.check(tmp_path / "release").answer is Answer.REFUTED


def _training_steps(seen: list[Progress]) -> list[int]:
    return [progress.done for progress in seen if progress.what == "train" and not progress.is_news]


@pytest.mark.parametrize(
    ("pattern", "steps"),
    [
        ("model/model.safetensors", []),
        ("state-00000004.safetensors", [3, 4]),
        ("state-00000002.safetensors", [1, 2, 3, 4]),
        ("state-00000000.safetensors", [1, 2, 3, 4]),
        ("transcript.jsonl", [1, 2, 3, 4]),
    ],
)
def test_training_goes_on_from_the_newest_state_that_is_sound(
    built: Built, work: Path, tmp_path: Path, pattern: str, steps: list[int]
) -> None:
    _flip_any_bit(work / built.file(pattern))
    root, seen = _build_again(built, work, tmp_path / "release")
    assert (root, _training_steps(seen)) == (built.root, steps)


def test_a_damaged_state_that_is_not_released_costs_nothing(built: Built, work: Path, tmp_path: Path) -> None:
    _flip_any_bit(work / built.file("state-00000002.safetensors"))
    seen: list[Progress] = []
    setting = setting_in(built.folder, work, report=seen.append, with_checkpoints=False)
    pipeline.build(built.recipe, setting=setting, out=tmp_path / "release")
    assert (root_of(tmp_path / "release"), _training_steps(seen)) == (built.root, [])


def test_a_stage_that_is_not_damaged_does_not_run_again(built: Built, work: Path, tmp_path: Path) -> None:
    _flip_any_bit(work / built.file("shards/00000.bin"))
    _, seen = _build_again(built, work, tmp_path / "release")
    whats = {progress.what for progress in seen}
    assert "tokenizer" in whats
    assert not whats & {"read", "examine", "train"}


def test_a_damaged_stage_is_not_there_for_the_plan(built: Built, work: Path) -> None:
    assert pipeline.known_tokens(built.recipe, setting=setting_in(built.folder, work)) is not None
    _flip_any_bit(work / built.file("shards/00000.bin"))
    assert pipeline.known_tokens(built.recipe, setting=setting_in(built.folder, work)) is None


@pytest.mark.parametrize("pattern", ["shards/00000.bin", "transcript.jsonl", "model/model.safetensors"])
def test_a_build_stopped_while_it_takes_away_what_is_damaged_trusts_nothing_of_it(
    built: Built, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    """Whichever removal is the last, and though a folder names its done.json first."""
    listed = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda path: sorted(listed(path), key=lambda entry: entry.name != DONE))
    _flip_unnoticed(work / built.file(pattern), UNNOTICED[pattern])
    for num_removed in range(5):
        folder = tmp_path / f"{num_removed}"
        again, left = shutil.copytree(work, folder / "work"), [num_removed]
        with monkeypatch.context() as patched, suppress(Stop):
            for module in (stage, stages):
                patched.setattr(module, "remove", _stop_after(left, module.remove))
            _build_again(built, again, folder / "release")
        root, _ = _build_again(built, again, folder / "whole")
        assert root == built.root, num_removed


def _stop_after(left: list[int], remove: Callable[[Path], None]) -> Callable[[Path], None]:
    def removing(path: Path) -> None:
        if not left[0]:
            raise Stop
        left[0] -= 1
        remove(path)

    return removing


def test_what_is_damaged_during_a_build_is_not_released(built: Built, work: Path, tmp_path: Path) -> None:
    documents, out = work / built.file("documents/00000.jsonl"), tmp_path / "release"

    def harm(progress: Progress) -> None:
        if progress.what == "release" and progress.done == 0:
            _flip_unnoticed(documents, b"heron")

    with pytest.raises(ClaimFalse, match="exactly the documents kept are carried") as caught:
        pipeline.build(built.recipe, setting=setting_in(built.folder, work, report=harm), out=out)
    assert f"{out}: the finished release is not what it says, and was not put there" in str(caught.value)
    assert f"no more as its stage left it: {documents}; run the same command again" in str(caught.value.hint)
    assert not list(tmp_path.glob("*release*"))
    root, seen = _build_again(built, work, out)
    assert root == built.root
    assert any(str(documents) in progress.note for progress in seen if progress.is_news)


def test_a_release_that_is_wrong_for_no_known_reason_is_not_there(built: Built, work: Path, tmp_path: Path) -> None:
    def harm(progress: Progress) -> None:
        if progress.what == "audit" and progress.done == 1:
            flip_bit(tmp_path / ".release.partial" / "model" / "model.safetensors", -1)

    setting = setting_in(built.folder, work, report=harm)
    with pytest.raises(ClaimFalse, match="the weights are those of the state training ended in") as caught:
        pipeline.build(built.recipe, setting=setting, out=tmp_path / "release")
    assert "memory failed or Glasswright is wrong" in str(caught.value.hint)
    assert not list(tmp_path.glob("*release*"))


def test_a_release_that_cannot_be_checked_is_not_there(
    built: Built, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = Finding(claim="every byte is the one recorded", answer=Answer.UNKNOWN, evidence="the disk is gone")
    verdict = Verdict(subject="release", findings=(unknown,), not_checked=())
    monkeypatch.setattr(finish.verify, "check", lambda *_, **__: verdict)
    with pytest.raises(Unknown, match="the disk is gone"):
        _build_again(built, work, tmp_path / "release")
    assert not list(tmp_path.glob("*release*"))


def test_a_file_that_cannot_be_read_back_ends_the_build(
    built: Built, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(work)
    monkeypatch.setattr("glasswright.pipeline.done._sha256", lambda _: OSError(5, "Input/output error"))
    with pytest.raises(WriteFailed, match="Input/output error"):
        _build_again(built, work, tmp_path / "release")


def test_a_file_that_can_no_more_be_read_is_damaged(
    built: Built, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, shard = done._sha256, work / built.file("shards/00000.bin")
    failing = [OSError(5, "Input/output error")]
    monkeypatch.setattr(done, "_sha256", lambda path: failing.pop() if failing and path == shard else read(path))
    root, seen = _build_again(built, work, tmp_path / "release")
    assert root == built.root
    assert [str(shard) in progress.note for progress in seen if progress.is_news] == [True]


def test_the_record_of_other_inputs_is_none(built: Built, work: Path, tmp_path: Path) -> None:
    record = work / built.file("tokens-*/done.json")
    edited = json.loads(record.read_bytes())
    edited["inputs"]["ledger"] = "0" * 64
    record.write_bytes(canonical_bytes(edited))
    root, seen = _build_again(built, work, tmp_path / "release")
    assert root == built.root
    assert [str(record) in progress.note for progress in seen if progress.is_news] == [True]


def test_a_link_is_no_file_whatever_it_leads_to(tmp_path: Path) -> None:
    """Its length is that of the file's, which is what a link's own is said to be."""
    folder = tmp_path / "stage"
    folder.mkdir()
    (folder / "a").write_bytes(b"../other")
    (tmp_path / "other").write_bytes(b"../other")
    done.write_done(folder, {}, num_threads=1, report=silent)
    assert done.damage(folder, {}, num_threads=1, report=silent) == []
    (folder / "a").unlink()
    (folder / "a").symlink_to("../other")
    assert done.damage(folder, {}, num_threads=1, report=silent) == ["a"]
