"""A run on disk: stopped anywhere, damaged anywhere, it goes on to the same bits or says why not."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from glasswright.errors import Interrupted, Misuse
from glasswright.records.canonical import canonical_bytes, parse
from glasswright.records.progress import Progress
from glasswright.records.recipe import Recipe
from glasswright.store.atomic import WriteFailed
from glasswright.train.effort import Effort
from glasswright.train.run import run
from glasswright.train.trainer import NotFinite

ONE = Effort(num_threads=1, leaves_at_once=1)


class Stop(Exception):
    """What a test raises to end a run at some step."""


def determined(out: Path) -> tuple[list, list, bytes]:
    """All of a run that must be equal."""
    steps, states = (
        [parse(line, name)["determined"] for line in (out / name).read_bytes().splitlines()]
        for name in ("steps.jsonl", "states.jsonl")
    )
    return steps, states, (out / "model" / "model.safetensors").read_bytes()


@pytest.fixture
def finished(recipe: Recipe, tokens: Path, tmp_path: Path) -> Path:
    run(recipe, tokens, tmp_path / "finished", effort=ONE, keep_checkpoints=True)
    return tmp_path / "finished"


def test_a_run_leaves_a_record_of_every_step_and_boundary(finished: Path) -> None:
    steps, states, _ = determined(finished)
    assert [step["step"] for step in steps] == [1, 2, 3, 4, 5, 6, 7]
    assert [(state["segment"], state["step"]) for state in states] == [(0, 0), (1, 3), (2, 6), (3, 7)]
    assert [step["step"] for step in steps if step["validation_bits_per_byte"]] == [3, 6, 7]
    assert len(list((finished / "checkpoints").iterdir())) == 4


@pytest.mark.parametrize("step", range(1, 8))
def test_a_run_that_fails_after_any_step_goes_on_to_the_same_bits(
    recipe: Recipe, tokens: Path, tmp_path: Path, finished: Path, step: int
) -> None:
    def stop_at_step(progress: Progress) -> None:
        if progress.what == "train" and progress.done == step:
            raise Stop

    out = tmp_path / "stopped"
    with pytest.raises(Stop):
        run(recipe, tokens, out, effort=ONE, report=stop_at_step)
    run(recipe, tokens, out, effort=Effort(num_threads=2, leaves_at_once=2))
    assert determined(out) == determined(finished)


def test_the_user_stops_it_and_the_state_is_saved_where_it_was(
    recipe: Recipe, tokens: Path, tmp_path: Path, finished: Path
) -> None:
    notes: list[Progress] = []

    def interrupt(progress: Progress) -> None:
        notes.append(progress)
        if progress.what == "train" and progress.done == 5:
            os.kill(os.getpid(), signal.SIGINT)

    out = tmp_path / "stopped"
    with pytest.raises(Interrupted, match="stopped after step 5 of 7; the state is saved"):
        run(recipe, tokens, out, effort=ONE, report=interrupt)
    notes.clear()
    run(recipe, tokens, out, effort=ONE, report=notes.append)
    assert notes[0].note == "going on after step 5"
    assert determined(out) == determined(finished)
    assert not list((out / "checkpoints").glob("interrupted*"))


def test_a_second_interrupt_does_not_wait_and_loses_no_boundary(
    recipe: Recipe, tokens: Path, tmp_path: Path, finished: Path
) -> None:
    def interrupt_twice(progress: Progress) -> None:
        if progress.what == "train" and progress.done == 5:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    out = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        run(recipe, tokens, out, effort=ONE, report=interrupt_twice)
    run(recipe, tokens, out, effort=ONE)
    assert determined(out) == determined(finished)


def test_signals_are_given_back_after_a_run(recipe: Recipe, tokens: Path, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    run(recipe, tokens, tmp_path / "out", effort=ONE)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture
def half(recipe: Recipe, tokens: Path, tmp_path: Path) -> Path:
    """A run that ended after step 6, at a boundary."""

    def stop(progress: Progress) -> None:
        if progress.what == "train" and progress.done == 6:
            raise Stop

    with pytest.raises(Stop):
        run(recipe, tokens, tmp_path / "half", effort=ONE, report=stop)
    return tmp_path / "half"


@pytest.mark.parametrize("place", [40, -5])
def test_a_changed_byte_in_the_newest_state_is_refused_and_the_one_before_is_used(
    recipe: Recipe, tokens: Path, half: Path, finished: Path, place: int
) -> None:
    newest = half / "checkpoints" / "state-00000006.safetensors"
    data = bytearray(newest.read_bytes())
    data[place] ^= 1
    newest.write_bytes(data)
    notes: list[Progress] = []
    run(recipe, tokens, half, effort=ONE, report=notes.append)
    assert notes[0].note.startswith("refused: ")
    assert "state-00000006.safetensors" in notes[0].note
    assert notes[1].note == "going on after step 3, from the state before the refused one"
    assert determined(half) == determined(finished)


def test_a_truncated_state_is_refused(recipe: Recipe, tokens: Path, half: Path, finished: Path) -> None:
    newest = half / "checkpoints" / "state-00000006.safetensors"
    newest.write_bytes(newest.read_bytes()[:-1])
    run(recipe, tokens, half, effort=ONE)
    assert determined(half) == determined(finished)


def test_a_line_that_was_not_finished_is_forgotten(recipe: Recipe, tokens: Path, half: Path, finished: Path) -> None:
    for name in ("steps.jsonl", "states.jsonl"):
        with (half / name).open("ab") as file:
            file.write(b'{"determined":{"step":9')
    run(recipe, tokens, half, effort=ONE)
    assert determined(half) == determined(finished)


def test_without_any_sound_state_the_run_starts_over(recipe: Recipe, tokens: Path, half: Path, finished: Path) -> None:
    for path in (half / "checkpoints").iterdir():
        path.write_bytes(b"")
    run(recipe, tokens, half, effort=ONE)
    assert determined(half) == determined(finished)


def test_the_folder_of_another_recipe_is_refused(recipe: Recipe, tokens: Path, half: Path) -> None:
    other = recipe.model_copy(update={"train": recipe.train.model_copy(update={"num_steps": 8})})
    with pytest.raises(Misuse, match="the schedule of another recipe"):
        run(other, tokens, half, effort=ONE)


def test_a_disk_that_is_full_during_a_checkpoint_loses_nothing(
    recipe: Recipe, tokens: Path, half: Path, finished: Path
) -> None:
    """The operating system refuses to let any file grow beyond a checkpoint's half."""
    size = (half / "checkpoints" / "state-00000006.safetensors").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, limits[1]))
    try:
        with pytest.raises(WriteFailed, match="cannot write"):
            run(recipe, tokens, half, effort=ONE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert not [path for path in half.rglob("*") if path.name.endswith(".partial")]
    run(recipe, tokens, half, effort=ONE)
    assert determined(half) == determined(finished)


def test_a_loss_that_is_not_finite_is_recorded(recipe: Recipe, tokens: Path, tmp_path: Path) -> None:
    rates = {"learning_rate": "1e38", "muon_learning_rate": "1e38"}
    wild = Recipe.model_validate({**recipe.resolved(), "train": {**recipe.resolved()["train"], "optimizer": rates}})
    with pytest.raises(NotFinite) as failure:
        run(wild, tokens, tmp_path / "out", effort=ONE)
    recorded = (tmp_path / "out" / "failure.json").read_bytes()
    assert recorded == canonical_bytes({"step": failure.value.step, "what": failure.value.what})


KILLED = """
import sys
from pathlib import Path
from glasswright.records.canonical import parse
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort
from glasswright.train.run import run
recipe, tokens, out = map(Path, sys.argv[1:])
loaded = Recipe.model_validate(parse(recipe.read_bytes(), "recipe"))
report = lambda progress: print(progress.done, flush=True)
run(loaded, tokens, out, effort=Effort(num_threads=2, leaves_at_once=2), report=report)
"""


@pytest.mark.slow
def test_a_run_killed_at_twenty_random_moments_goes_on_to_the_same_bits(
    recipe: Recipe, tokens: Path, tmp_path: Path
) -> None:
    longer = recipe.model_copy(update={"train": recipe.train.model_copy(update={"num_steps": 400, "segment_steps": 7})})
    (tmp_path / "recipe.json").write_bytes(canonical_bytes(longer.resolved()))
    run(longer, tokens, tmp_path / "whole", effort=ONE)
    out, moments = tmp_path / "killed", random.Random(20)
    num_kills = 0
    while num_kills < 20:
        with _training(tmp_path / "recipe.json", tokens, out) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(moments.uniform(0, 0.3))
            process.kill()
        if (out / "model").exists():
            shutil.rmtree(out)
            continue
        num_kills += 1
    run(longer, tokens, out, effort=ONE)
    assert determined(out) == determined(tmp_path / "whole")


def _training(*arguments: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", KILLED, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@pytest.fixture(autouse=True)
def _no_signal_left_behind() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)
