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
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from glasswright.errors import Interrupted, Misuse
from glasswright.records import transcript
from glasswright.records.canonical import canonical_bytes
from glasswright.records.progress import Progress
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import (
    Event,
    ScheduleBlock,
    Sequences,
    StateRecord,
    StepRecord,
    order_of_events,
    reads_digest,
)
from glasswright.store.atomic import WriteFailed
from glasswright.store.reads import READS, read_reads
from glasswright.store.transcript import TRANSCRIPT, read_transcript
from glasswright.train.effort import Effort
from glasswright.train.run import run
from glasswright.train.schedule import schedule_table
from glasswright.train.trainer import NotFinite

ONE = Effort(num_threads=1, leaves_at_once=1)


class Stop(Exception):
    """What a test raises to end a run at some step."""


def determined(out: Path) -> tuple[list[Event], list[tuple[int, Sequences]], bytes]:
    """All of a run that must be equal."""
    events = [event for event, _ in read_transcript(out / TRANSCRIPT)]
    return events, list(read_reads(out / READS)), (out / "model" / "model.safetensors").read_bytes()


@pytest.fixture
def finished(recipe: Recipe, tokens: Path, tmp_path: Path) -> Path:
    run(recipe, tokens, tmp_path / "finished", effort=ONE, keep_checkpoints=True)
    return tmp_path / "finished"


def test_a_run_writes_its_events_in_the_order_of_time(recipe: Recipe, finished: Path) -> None:
    events, _, _ = determined(finished)
    numbers = [event.first_step if isinstance(event, ScheduleBlock) else event.step for event in events]
    found = list(zip((event.KIND for event in events), numbers, strict=True))
    assert found == list(order_of_events(recipe.train.num_steps, recipe.train.segment_steps))
    assert [event.segment for event in events if isinstance(event, StateRecord)] == [0, 1, 2, 3]
    steps = [event for event in events if isinstance(event, StepRecord)]
    assert [step.step for step in steps if step.validation_bits_per_byte] == [3, 6, 7]
    assert len(list((finished / "checkpoints").iterdir())) == 4


def test_every_step_states_the_digest_of_what_it_reads(finished: Path) -> None:
    events, reads, _ = determined(finished)
    steps = [event for event in events if isinstance(event, StepRecord)]
    assert [(step.step, step.reads) for step in steps] == [(step, reads_digest(read)) for step, read in reads]


def test_a_long_run_writes_a_block_of_the_schedule_before_each_of_its_parts(
    recipe: Recipe, tokens: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of two steps, the third before step 5; a run stopped at any step writes each of them once."""
    monkeypatch.setattr(transcript, "ROWS_PER_BLOCK", 2)
    for step in range(1, 8):
        with pytest.raises(Stop):
            run(recipe, tokens, tmp_path / "out", effort=ONE, report=partial(stop_after, step))
    run(recipe, tokens, tmp_path / "out", effort=ONE)
    events, _, _ = determined(tmp_path / "out")
    blocks = [event for event in events if isinstance(event, ScheduleBlock)]
    assert [block.first_step for block in blocks] == [1, 3, 5, 7]
    assert tuple(row for block in blocks for row in block.rows) == schedule_table(recipe.train).rows


def stop_after(step: int, progress: Progress) -> None:
    if progress.what == "train" and progress.done == step:
        raise Stop


def interrupt_after(step: int, progress: Progress) -> None:
    if progress.what == "train" and progress.done == step:
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("step", range(1, 8))
def test_a_run_that_fails_after_any_step_goes_on_to_the_same_bits(
    recipe: Recipe, tokens: Path, tmp_path: Path, finished: Path, step: int
) -> None:
    out = tmp_path / "stopped"
    with pytest.raises(Stop):
        run(recipe, tokens, out, effort=ONE, report=partial(stop_after, step))
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
    with pytest.raises(Stop):
        run(recipe, tokens, tmp_path / "half", effort=ONE, report=partial(stop_after, 6))
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


def test_a_transcript_that_ends_anywhere_is_gone_on_with(
    recipe: Recipe, tokens: Path, tmp_path: Path, finished: Path
) -> None:
    """Killed in the middle of a line, between two, before the state's line or after it."""
    whole = (finished / TRANSCRIPT).read_bytes()
    ends = [end + 1 for end in range(len(whole)) if whole[end : end + 1] == b"\n"]
    for size in (0, 1, *(end + more for end in ends for more in (-1, 0, 5))):
        out = tmp_path / f"cut-{size}"
        shutil.copytree(finished, out)
        (out / TRANSCRIPT).write_bytes(whole[:size])
        run(recipe, tokens, out, effort=ONE, keep_checkpoints=True)
        assert determined(out) == determined(finished)


def test_a_damaged_line_is_refused_and_the_state_before_it_is_used(
    recipe: Recipe, tokens: Path, half: Path, finished: Path
) -> None:
    lines = (half / TRANSCRIPT).read_bytes().splitlines(keepends=True)
    (half / TRANSCRIPT).write_bytes(b"".join([*lines[:7], b"\0" * len(lines[7]) + b"\n", *lines[8:]]))
    notes: list[Progress] = []
    run(recipe, tokens, half, effort=ONE, report=notes.append)
    assert notes[0].note.startswith(f"refused: {half / TRANSCRIPT}:8: not a canonical record")
    assert notes[1].note == "going on after step 3, from the state before the refused one"
    assert determined(half) == determined(finished)


@pytest.mark.parametrize("stopped_after", [5, 6])
@pytest.mark.parametrize("line", [2, 6])
def test_a_line_that_reads_well_and_is_not_the_one_written_is_refused(
    recipe: Recipe, tokens: Path, tmp_path: Path, finished: Path, line: int, stopped_after: int
) -> None:
    """A digit of a step's loss: between two boundaries as well."""
    out = tmp_path / "out"
    with pytest.raises(Interrupted):
        run(recipe, tokens, out, effort=ONE, report=partial(interrupt_after, stopped_after))
    lines = (out / TRANSCRIPT).read_bytes().splitlines(keepends=True)
    place = lines[line].index(b'"loss_nats":"0x') + 20
    lines[line] = lines[line][:place] + (b"0" if lines[line][place] != ord("0") else b"1") + lines[line][place + 1 :]
    (out / TRANSCRIPT).write_bytes(b"".join(lines))
    notes: list[Progress] = []
    run(recipe, tokens, out, effort=ONE, report=notes.append)
    assert f"the lines up to step {stopped_after} are not those written" in (notes[0].note or "")
    assert determined(out) == determined(finished)


def test_a_state_whose_root_is_not_that_of_its_tensors_is_refused(
    recipe: Recipe, tokens: Path, half: Path, finished: Path
) -> None:
    lines = (half / TRANSCRIPT).read_bytes().splitlines(keepends=True)
    head, root = lines[-1].split(b'"root":"')
    lines[-1] = head + b'"root":"' + (b"0" if root[:1] != b"0" else b"1") + root[1:]
    (half / TRANSCRIPT).write_bytes(b"".join(lines))
    run(recipe, tokens, half, effort=ONE)
    assert determined(half) == determined(finished)


def test_a_state_without_its_line_does_not_count(recipe: Recipe, tokens: Path, half: Path) -> None:
    lines = (half / TRANSCRIPT).read_bytes().splitlines(keepends=True)
    (half / TRANSCRIPT).write_bytes(b"".join(lines[:-1]))
    notes: list[Progress] = []
    run(recipe, tokens, half, effort=ONE, report=notes.append)
    assert notes[0].note == "going on after step 3"


@pytest.mark.parametrize("data", [b"{}", b"", b'{"kind":"state"}'])
def test_a_damaged_record_of_an_interruption_is_refused(
    recipe: Recipe, tokens: Path, half: Path, finished: Path, data: bytes
) -> None:
    shutil.copy(half / "checkpoints" / "state-00000006.safetensors", half / "checkpoints" / "interrupted.safetensors")
    (half / "checkpoints" / "interrupted.json").write_bytes(data)
    notes: list[Progress] = []
    run(recipe, tokens, half, effort=ONE, report=notes.append)
    assert notes[0].note.startswith(f"refused: {half / 'checkpoints' / 'interrupted.json'}: ")
    assert determined(half) == determined(finished)


def test_without_any_sound_state_the_run_starts_over(recipe: Recipe, tokens: Path, half: Path, finished: Path) -> None:
    for path in (half / "checkpoints").iterdir():
        path.write_bytes(b"")
    run(recipe, tokens, half, effort=ONE)
    assert determined(half) == determined(finished)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"seed": 6}, "state 0"),
        ({"train": {"num_steps": 8}}, "schedule 1"),
        ({"train": {"segment_steps": 2}}, "step 3"),
    ],
)
def test_the_folder_of_another_recipe_is_refused(
    recipe: Recipe, tokens: Path, half: Path, change: dict[str, Any], what: str
) -> None:
    resolved = recipe.resolved()
    other = Recipe.model_validate({**resolved, **change, "train": {**resolved["train"], **change.get("train", {})}})
    with pytest.raises(Misuse, match=f"{what} is not of this run: it belongs to another recipe"):
        run(other, tokens, half, effort=ONE)


def test_a_disk_that_is_full_during_a_step_s_line_loses_nothing(
    recipe: Recipe, tokens: Path, half: Path, finished: Path
) -> None:
    """The state after step 6 is there; the line of step 7 is not taken whole."""
    with file_limit((half / TRANSCRIPT).stat().st_size + 20), pytest.raises(WriteFailed, match="cannot write"):
        run(recipe, tokens, half, effort=ONE)
    run(recipe, tokens, half, effort=ONE)
    assert determined(half) == determined(finished)


def test_a_disk_that_is_full_during_a_checkpoint_loses_nothing(
    recipe: Recipe, tokens: Path, half: Path, finished: Path
) -> None:
    """The operating system refuses to let any file grow beyond a checkpoint's half."""
    size = (half / "checkpoints" / "state-00000006.safetensors").stat().st_size
    with file_limit(size // 2), pytest.raises(WriteFailed, match="cannot write"):
        run(recipe, tokens, half, effort=ONE)
    assert not [path for path in half.rglob("*") if path.name.endswith(".partial")]
    run(recipe, tokens, half, effort=ONE)
    assert determined(half) == determined(finished)


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


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
