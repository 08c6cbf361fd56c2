"""A build is seen as it stands: while it runs, when it was killed, when it went on, and when it is done."""

import json
import tarfile
from pathlib import Path

import pytest
from tests.release.small import RECIPE, make_release

from glasswright.errors import Misuse
from glasswright.pipeline import journal
from glasswright.pipeline.journal import Journal
from glasswright.records.canonical import float_bits
from glasswright.records.lines import encode_line
from glasswright.records.progress import Progress, silent
from glasswright.records.transcript import StateRecord, StepRecord
from glasswright.store.atomic import WriteFailed
from glasswright.store.lock import is_used, sole_user
from glasswright.watch import watcher
from glasswright.watch.tail import Tail


def line(step: int, loss: float = 4.0, validation: float | None = None) -> bytes:
    record = StepRecord(
        step=step,
        loss_nats=float_bits(loss),
        gradient_norm=float_bits(1.0),
        clip=float_bits(1.0),
        num_tokens=100,
        reads="",
        validation_bits_per_byte=None if validation is None else float_bits(validation),
    )
    return encode_line(record.record(), {"milliseconds": 50})


def work_folder(tmp_path: Path, transcript: bytes = b"") -> tuple[Path, Journal]:
    """A work folder with a build that has come to the training."""
    work = tmp_path / "work"
    (work / "train-0123").mkdir(parents=True)
    (work / "train-0123" / "transcript.jsonl").write_bytes(transcript)
    return work, Journal(RECIPE, work=work, out=tmp_path / "out", report=silent)


def steps(done: int) -> Progress:
    return Progress(what="train", done=done, total=5, unit="steps")


FIXTURE = Path(__file__).parents[1] / "fixtures" / "schema-1.tar.xz"
STATE = encode_line(StateRecord(segment=0, step=0, root="", tensors=()).record(), {})


def test_a_build_that_runs_says_stage_step_loss_rate_and_time_left(tmp_path: Path):
    work, kept = work_folder(tmp_path, STATE + line(1, 5.0) + line(2, 4.0, 2.5) + line(3)[:20])
    with sole_user(work), kept.kept():
        kept.begin("train", work / "train-0123")
        found = watcher(work)()
    assert (found.state, found.stage, found.name) == ("running", "train", "small")
    assert (found.step, found.curve.losses, found.curve.validation) == (2, [5.0, 4.0], [(2, 2.5)])
    assert (found.tokens_per_s, found.seconds_left) == (2000.0, pytest.approx(0.15))


def test_a_build_that_was_killed_is_not_said_to_run(tmp_path: Path):
    work, kept = work_folder(tmp_path, STATE + line(1))
    kept.begin("train", work / "train-0123")
    found = watcher(work)()
    assert (found.state, found.step, found.seconds_left) == ("stopped", 1, None)
    assert "killed" in found.why


def test_a_build_that_failed_says_why(tmp_path: Path):
    work, kept = work_folder(tmp_path)
    with pytest.raises(WriteFailed), kept.kept():
        raise WriteFailed("out: cannot write: the disk is full")
    assert watcher(work)().why == "out: cannot write: the disk is full"


def test_a_lock_that_is_held_by_a_watcher_refuses_no_build(tmp_path: Path):
    with sole_user(tmp_path):
        assert is_used(tmp_path)
    assert not is_used(tmp_path)
    assert not is_used(tmp_path / "nowhere")
    with sole_user(tmp_path):
        pass


def test_a_finished_build_and_its_release_show_the_same_curve(tmp_path: Path):
    release = make_release(tmp_path, tmp_path / "release")
    build, kept = watcher(tmp_path / "work")(), watcher(release)()
    assert (build.state, kept.state) == ("built", "built")
    assert (build.curve, build.out, build.step) == (kept.curve, str(release), 5)
    assert build.curve.bytes_per_token is not None
    assert json.loads(json.dumps(kept.record()))["num_steps"] == 5


def test_a_release_of_the_first_schema_is_shown_as_well(tmp_path: Path):
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(tmp_path, filter="data")
    (release,) = (path.parent for path in tmp_path.rglob("release.json"))
    found = watcher(release)()
    assert found.step == found.curve.num_steps
    assert found.tokens_per_s is not None


def test_a_folder_in_which_nothing_was_built_is_said_to_be_one(tmp_path: Path):
    with pytest.raises(Misuse, match="neither a release nor a folder in which something was built"):
        watcher(tmp_path)


def test_of_several_builds_the_last_is_shown_a_rebuild_too(tmp_path: Path):
    work, kept = work_folder(tmp_path)
    kept.begin("train", work / "train-0123")
    below = work / "rebuild-0123"
    below.mkdir()
    again = Journal(RECIPE, work=below, out=tmp_path / "again", report=silent)
    again.begin("corpus", below / "corpus-0123")
    assert watcher(work)().out == str(tmp_path / "again")


def test_a_damaged_record_is_named(tmp_path: Path):
    work, kept = work_folder(tmp_path)
    kept.begin("train", work / "train-0123")
    kept.path.write_text('{"schema":"other"}')
    with pytest.raises(Misuse, match="not the record of a build"):
        watcher(work)()


def test_progress_is_passed_on_always_and_written_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    work, _ = work_folder(tmp_path)
    seen: list[Progress] = []
    kept = Journal(RECIPE, work=work, out=tmp_path / "out", report=seen.append)
    monkeypatch.setattr(journal.time, "monotonic", lambda: 100.0 + len(seen) * 0.3)
    written = []
    for step in range(1, 6):
        kept(steps(step))
        written.append(json.loads(kept.path.read_bytes())["done"])
    assert [progress.done for progress in seen] == [1, 2, 3, 4, 5]
    assert written == [1, 1, 1, 1, 5]


def test_a_disk_that_does_not_take_the_journal_stops_no_build(tmp_path: Path):
    work, kept = work_folder(tmp_path)
    (work / "builds").write_text("in the way")
    with kept.kept():
        kept(steps(1))


def test_lines_are_read_once_and_all_again_where_a_run_was_cut_back(tmp_path: Path):
    path = tmp_path / "transcript.jsonl"
    path.write_bytes(STATE + line(1) + line(2) + line(3))
    tail = Tail(path)
    tail.read()
    path.write_bytes(path.read_bytes() + line(4))
    tail.read()
    assert [step.step for step in tail.steps] == [1, 2, 3, 4]
    path.write_bytes(STATE + line(1) + line(2, 3.5))
    tail.read()
    assert [float_bits(3.5) == step.loss_nats for step in tail.steps] == [False, True]
    path.write_bytes(STATE + line(1) + line(2, 3.5) + b'{"determined":{},"observed":{}}\n')
    with pytest.raises(Misuse, match="not an event of a transcript"):
        tail.read()
