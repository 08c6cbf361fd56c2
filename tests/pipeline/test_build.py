"""From documents to a release: what is stale runs again, what is done does not, and a stop loses nothing."""

import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.pipeline.conftest import setting_in
from tests.release.roots import parts_of, root_of

from glasswright import pipeline, verify
from glasswright.errors import Interrupted, Misuse
from glasswright.pipeline import Setting
from glasswright.records.progress import Progress
from glasswright.records.recipe import Recipe
from glasswright.records.verdict import Answer
from glasswright.store.atomic import WriteFailed
from glasswright.store.lock import sole_user
from glasswright.train.effort import Effort

Make = Callable[..., Setting]


class Stop(Exception):
    """What a test raises to end a build."""


def test_a_build_gives_a_release_that_verifies(recipe: Recipe, setting: Make, tmp_path: Path) -> None:
    release = pipeline.build(recipe, setting=setting(), out=tmp_path / "release")
    assert verify.check(release).answer == Answer.PROVED


@pytest.fixture
def begun(whole: Path, tmp_path: Path) -> Make:
    """Where to build once more what is in `whole`, from a copy of its work folder."""
    work = shutil.copytree(whole / "work", tmp_path / "work")
    return lambda **changes: setting_in(**{"base": whole, "work": work} | changes)


def test_a_second_build_runs_no_stage_again(recipe: Recipe, whole: Path, begun: Make, tmp_path: Path) -> None:
    seen: list[Progress] = []
    pipeline.build(recipe, setting=begun(report=seen.append), out=tmp_path / "second")
    assert {progress.what for progress in seen} <= {"check", "release", "audit", "verify"}
    assert parts_of(whole / "release") == parts_of(tmp_path / "second")


def test_another_learning_rate_trains_again_on_the_same_tokens(
    recipe: Recipe, whole: Path, begun: Make, tmp_path: Path
) -> None:
    resolved = recipe.resolved()
    resolved["train"]["optimizer"]["learning_rate"] = "0.004"
    pipeline.build(Recipe.model_validate(resolved), setting=begun(), out=tmp_path / "second")
    first, second = parts_of(whole / "release"), parts_of(tmp_path / "second")
    assert (first["ledger"], first["tokens"]) == (second["ledger"], second["tokens"])
    assert first["weights"] != second["weights"]
    kinds = sorted(path.name.split("-")[0] for path in (tmp_path / "work").glob("*-*"))
    assert kinds == ["corpus", "tokens", "train", "train"]


def test_a_changed_document_is_noticed(recipe: Recipe, whole: Path, begun: Make, tmp_path: Path) -> None:
    stories = tmp_path / "stories.jsonl"
    stories.write_text(stories.read_text().replace("lynx", "fox"))
    pipeline.build(recipe, setting=begun(base=tmp_path), out=tmp_path / "second")
    assert parts_of(whole / "release")["ledger"] != parts_of(tmp_path / "second")["ledger"]


def test_tokens_are_known_once_they_are_made(recipe: Recipe, setting: Make, tmp_path: Path) -> None:
    assert pipeline.known_tokens(recipe, setting=setting()) is None
    pipeline.build(recipe, setting=setting(), out=tmp_path / "release")
    known = pipeline.known_tokens(recipe, setting=setting())
    assert known is not None
    assert known > 1000


@pytest.mark.parametrize("stage", ["examine", "train", "release"])
def test_a_build_stopped_in_any_stage_goes_on_to_the_same_roots(
    recipe: Recipe, whole: Path, setting: Make, tmp_path: Path, stage: str
) -> None:
    def stop(progress: Progress) -> None:
        if progress.what == stage:
            raise Stop

    with pytest.raises(Stop):
        pipeline.build(recipe, setting=setting(report=stop), out=tmp_path / "release")
    assert not (tmp_path / "release").exists()
    pipeline.build(recipe, setting=setting(), out=tmp_path / "release")
    assert parts_of(tmp_path / "release") == parts_of(whole / "release")


def test_a_folder_that_is_there_is_refused_before_anything_is_built(
    recipe: Recipe, setting: Make, tmp_path: Path
) -> None:
    (tmp_path / "release").mkdir()
    with pytest.raises(Misuse, match="release: exists already"):
        pipeline.build(recipe, setting=setting(), out=tmp_path / "release")
    assert not list((tmp_path / "work").glob("corpus-*"))


def test_what_the_disk_refuses_a_stage_is_told(
    recipe: Recipe, setting: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stage that writes by itself raises what the operating system said, without the name of a file."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("glasswright.train.folder.RunFolder.write_step", refuse)
    with pytest.raises(WriteFailed, match="train-[0-9a-f]{12}: cannot read or write: Input/output error"):
        pipeline.build(recipe, setting=setting(), out=tmp_path / "release")
    monkeypatch.undo()
    pipeline.build(recipe, setting=setting(), out=tmp_path / "release")


def test_what_a_killed_training_left_half_written_is_gone_in_the_end(
    recipe: Recipe, setting: Make, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.what == "train" and progress.done == 4:
            raise Stop

    with pytest.raises(Stop):
        pipeline.build(recipe, setting=setting(report=stop), out=tmp_path / "release")
    (checkpoints,) = (tmp_path / "work").glob("train-*/checkpoints")
    (checkpoints / ".interrupted.safetensors.partial").write_bytes(b"half")
    pipeline.build(recipe, setting=setting(), out=tmp_path / "release")
    assert not list((tmp_path / "work").rglob(".*.partial"))


def test_two_builds_do_not_share_a_work_folder(recipe: Recipe, setting: Make, tmp_path: Path) -> None:
    with sole_user(tmp_path / "work"), pytest.raises(Misuse, match="another build is using this work folder"):
        pipeline.build(recipe, setting=setting(), out=tmp_path / "release")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks_is_told(
    recipe: Recipe, setting: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(Misuse, match="its file system has no locks") as caught:
        pipeline.build(recipe, setting=setting(), out=tmp_path / "release")
    assert "--work" in str(caught.value.hint)
    assert not list((tmp_path / "work").glob("corpus-*"))


def test_a_lock_that_a_killed_build_left_holds_nobody_up(recipe: Recipe, setting: Make, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    hold = "import sys, time; from pathlib import Path; from glasswright.store.lock import sole_user\n"
    hold += "with sole_user(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", hold, str(tmp_path / "work")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Misuse, match="another build is using this work folder"):
            pipeline.build(recipe, setting=setting(), out=tmp_path / "release")
        holder.kill()
    pipeline.build(recipe, setting=setting(), out=tmp_path / "release")


def test_a_recipe_that_cannot_fit_in_memory_is_refused(recipe: Recipe, setting: Make, tmp_path: Path) -> None:
    resolved = recipe.resolved()
    resolved["model"] |= {"hidden_size": 65536, "intermediate_size": 262144, "num_layers": 80}
    with pytest.raises(Misuse, match="memory"):
        pipeline.build(Recipe.model_validate(resolved), setting=setting(), out=tmp_path / "release")


BUILD = """
import json, sys
from pathlib import Path
from glasswright import pipeline
from glasswright.pipeline import Setting
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort

recipe, base, threads = Recipe.model_validate(json.loads(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
setting = Setting(base=base, work=Path("work"), effort=Effort(num_threads=threads, leaves_at_once=threads))
pipeline.build(recipe, setting=setting, out=Path("release"))
"""


def built_elsewhere(recipe: Recipe, base: Path, folder: Path, threads: int = 1, **environment: str) -> str:
    """The release root of a build in another process, in another folder and environment."""
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", BUILD, json.dumps(recipe.resolved()), str(base), str(threads)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        check=True,
        capture_output=True,
    )
    return root_of(folder / "release")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Chatham", "LC_ALL": "C", "GLASSWRIGHT_KERNELS": "generic"},
        {"PYTHONHASHSEED": "2", "OPENBLAS_CORETYPE": "Haswell", "MKL_CBWR": "COMPATIBLE"},
    ],
    ids=lambda environment: next(iter(environment.items()))[0] + "-" + next(iter(environment.values())),
)
def test_the_environment_does_not_change_the_release_root(
    recipe: Recipe, whole: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    found = built_elsewhere(recipe, tmp_path, tmp_path / "else where", threads=2, **environment)
    assert found == root_of(whole / "release")


def test_checkpoints_that_were_not_kept_are_asked_for_in_vain(recipe: Recipe, setting: Make, tmp_path: Path) -> None:
    pipeline.build(recipe, setting=setting(with_checkpoints=False), out=tmp_path / "without")
    with pytest.raises(Misuse, match="done without keeping all checkpoints"):
        pipeline.build(recipe, setting=setting(with_checkpoints=True), out=tmp_path / "with")
    assert not (tmp_path / "with").exists()


def test_another_seed_gives_other_weights_in_the_same_work_folder(
    recipe: Recipe, whole: Path, begun: Make, tmp_path: Path
) -> None:
    """The sabotage of the tests above. The release root would differ by the recipe alone, which holds the seed."""
    other = pipeline.build(recipe.model_copy(update={"seed": 4}), setting=begun(), out=tmp_path / "second")
    weights = [(release / "model" / "model.safetensors").read_bytes() for release in (whole / "release", other)]
    assert weights[0] != weights[1]


NOT_OF_A_STAGE = {"glasswright", "name", "weights_license"}  # they go into the release, and into nothing before it
OF_DERIVED = {"parent", "adapter", "preference", "private"}  # test_derived.py and private/ have builds with these


def test_every_section_of_the_recipe_is_an_input_of_a_stage(whole: Path) -> None:
    """A section that is none could change, and the old output would be taken."""
    inputs: set[str] = set()
    for path in (whole / "work").glob("*/done.json"):
        inputs |= json.loads(path.read_bytes())["inputs"].keys()
    assert set(Recipe.model_fields) - inputs == NOT_OF_A_STAGE | OF_DERIVED


def test_what_the_recipe_does_not_write_out_is_an_input_too(recipe: Recipe, begun: Make, tmp_path: Path) -> None:
    written_out = Recipe.model_validate(recipe.model_dump(mode="json"))
    seen: list[Progress] = []
    pipeline.build(written_out, setting=begun(report=seen.append), out=tmp_path / "again")
    assert not {"read", "tokenizer", "train"} & {progress.what for progress in seen}


def test_interrupting_a_build_saves_it(recipe: Recipe, whole: Path, setting: Make, tmp_path: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.what == "train" and progress.done == 4:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted):
        pipeline.build(recipe, setting=setting(report=interrupt), out=tmp_path / "release")
    effort, seen = Effort(num_threads=2, leaves_at_once=2), list[Progress]()
    release = pipeline.build(recipe, setting=setting(effort=effort, report=seen.append), out=tmp_path / "release")
    assert [progress.done for progress in seen if progress.what == "train"] == [5, 6, 7, 8, 9]
    assert parts_of(release) == parts_of(whole / "release")
