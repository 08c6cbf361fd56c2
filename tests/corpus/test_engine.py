"""Whoever examines the documents, and however often they are killed, the corpus is the same."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from glasswright.corpus import Engine, collect, shards, tasks
from glasswright.errors import DigestMismatch, GlasswrightError, Misuse
from glasswright.records.progress import Progress
from glasswright.records.recipe import Corpus, Recipe

ROOT = Path(__file__).resolve().parents[2]
NUM_FILES = 40
BATCH_BYTES = 2000  # some ten batches
RULES = {"evaluations": [{"name": "questions", "path": "questions.txt"}]}

COLLECT = """
import os, signal, sys
from pathlib import Path
from glasswright.corpus import Engine, collect, shards, tasks
from glasswright.corpus.batches import Batches
from glasswright.records.recipe import Recipe

folder, out, name, workers, kill_after = Path(sys.argv[1]), *sys.argv[2:4], int(sys.argv[4]), int(sys.argv[5])
examine = Batches.examine

def examine_or_die(self, key, examiner):
    if len(list(self.folder.glob("*.rows"))) == kill_after:
        os.kill(os.getpid(), signal.SIGKILL)
    return examine(self, key, examiner)

if kill_after >= 0:
    Batches.examine = examine_or_die
shards.SHARD_BYTES = tasks.BATCH_BYTES = 2000
recipe = Recipe.model_validate_json((folder / "recipe.json").read_bytes())
collect(recipe, base=folder, out=folder / out, engine=Engine(name=name, workers=workers))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files with plain, repeated, personal and evaluation text, and a recipe that reads them in small batches."""
    monkeypatch.setattr(shards, "SHARD_BYTES", BATCH_BYTES)
    monkeypatch.setattr(tasks, "BATCH_BYTES", BATCH_BYTES)
    (tmp_path / "questions.txt").write_text("which of these nine words stand in the fifth document too\n")
    (tmp_path / "in").mkdir()
    for number in range(NUM_FILES):
        words = " ".join(f"word{number % 30} says {k} things about {number % 30 * k}" for k in range(20))
        extra = (
            "Which of these nine words stand in the fifth document too" if number == 5 else "Write to a.b@example.com."
        )
        (tmp_path / "in" / f"{number:02d}.txt").write_text(f"{words}. {extra}\n")
    (tmp_path / "recipe.json").write_text(_recipe().model_dump_json())
    return tmp_path


def _recipe() -> Recipe:
    source = {"name": "here", "kind": "folder", "path": "in", "license": "MIT"}
    return Recipe(name="test", sources=[source], corpus=Corpus(**RULES))  # type: ignore[list-item,arg-type]


def _collected(folder: Path, out: str, engine: Engine | None = None) -> dict[str, bytes]:
    collect(_recipe(), base=folder, out=folder / out, engine=engine or Engine())
    return _bytes(folder / out)


def _elsewhere(folder: Path, out: str, *, name: str, workers: int, kill_after: int = -1) -> int:
    """Collect in a process of its own; its exit status."""
    command = [sys.executable, "-c", COLLECT, str(folder), out, name, str(workers), str(kill_after)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode


def _bytes(out: Path) -> dict[str, bytes]:
    """Every file, and of sources.json what does not depend on when it was obtained."""
    found = {path.name: path.read_bytes() for path in sorted(out.rglob("*.*")) if path.name != "sources.json"}
    record = json.loads((out / "sources.json").read_bytes())
    determined = [source["determined"] for source in record["sources"]]
    return {**found, "sources.json": json.dumps([determined, record["evaluations"]]).encode()}


def test_the_size_of_batches_does_not_matter(folder: Path, monkeypatch: pytest.MonkeyPatch):
    small = _collected(folder, "small")
    monkeypatch.setattr(shards, "SHARD_BYTES", 2**22)
    monkeypatch.setattr(tasks, "BATCH_BYTES", 2**22)
    assert _collected(folder, "large") == small
    assert b"contains_evaluation" in b"".join(small.values())
    assert b'"example"' in small["sources.json"]


def test_nothing_but_the_corpus_is_left(folder: Path):
    before = {path.name for path in folder.iterdir()}
    _collected(folder, "out")
    assert {path.name for path in folder.iterdir()} == before | {"out"}


@pytest.mark.parametrize("change", [{"license": None}, {"sha256": "0" * 64}])
def test_nothing_is_left_of_a_collection_that_no_later_run_can_finish(folder: Path, change: dict[str, str | None]):
    before = {path.name for path in folder.iterdir()}
    source = {"name": "here", "kind": "folder", "path": "in", "license": "MIT", **change}
    with pytest.raises(GlasswrightError, match="the corpus is empty|recorded sha256"):
        collect(Recipe(name="test", sources=[source]), base=folder, out=folder / "out")  # type: ignore[list-item]
    assert {path.name for path in folder.iterdir()} == before


def test_each_step_says_how_far_it_is(folder: Path):
    said: list[Progress] = []
    collect(_recipe(), base=folder, out=folder / "out", report=said.append)
    assert list(dict.fromkeys(progress.what for progress in said)) == ["read", "examine", "compare", "write"]
    last = {progress.what: progress for progress in said}
    assert all(progress.done == progress.total for progress in last.values())
    assert last["examine"].total == NUM_FILES


@pytest.mark.parametrize("kill_after", [0, 4])
def test_a_killed_collection_goes_on_where_it_was(folder: Path, kill_after: int):
    whole = _collected(folder, "whole")
    assert _elsewhere(folder, "out", name="native", workers=1, kill_after=kill_after) == -signal.SIGKILL
    assert not (folder / "out").exists()
    results = {path: path.stat().st_mtime_ns for path in (folder / ".out.work").glob("*.rows")}
    assert len(results) == kill_after
    # A process that dies as soon as it would examine one more than are left of the batches.
    num_batches = kill_after + len(list((folder / ".out.work").glob("*.batch")))
    assert _elsewhere(folder, "out", name="native", workers=1, kill_after=num_batches - 1) == -signal.SIGKILL
    assert {path: path.stat().st_mtime_ns for path in results} == results
    assert _collected(folder, "out") == whole
    assert not (folder / ".out.work").exists()


def test_a_batch_examined_under_other_rules_is_not_taken(folder: Path):
    assert _elsewhere(folder, "out", name="native", workers=1, kill_after=4) == -signal.SIGKILL
    (folder / "questions.txt").write_text("nothing that any of the documents here would ever have said\n")
    whole = _collected(folder, "whole")
    assert b"contains_evaluation" not in b"".join(whole.values())
    assert _collected(folder, "out") == whole


def test_a_text_changed_after_the_kill_is_examined_anew(folder: Path):
    assert _elsewhere(folder, "out", name="native", workers=1, kill_after=4) == -signal.SIGKILL
    (folder / "in" / "00.txt").write_text("Something else altogether.\n")
    assert _collected(folder, "out") == _collected(folder, "whole")


def test_without_daft_this_process_does_the_work(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("glasswright.corpus.engine.find_spec", lambda _: None)
    monkeypatch.setattr("glasswright.corpus.engine._with_daft", lambda *_, **__: pytest.fail("asked for Daft"))
    assert sum(Engine(workers=None).each(range(1000), lambda item: iter([item]), num_bytes=2**40)) == 499500


def test_workers_are_started_where_there_is_enough_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("glasswright.corpus.engine.find_spec", lambda _: True)
    monkeypatch.setattr("glasswright.corpus.engine.os.sched_getaffinity", lambda _: range(6))
    monkeypatch.setattr("glasswright.corpus.engine._with_daft", lambda *_, workers, **__: iter([workers]))

    def workers(items: int, num_bytes: int) -> int:
        return sum(Engine(workers=None).each(range(items), lambda _: iter([0]), num_bytes=num_bytes))

    assert [workers(items, 2**30) for items in (0, 2, 100)] == [0, 2, 6]
    assert workers(100, 2**20) == 0


def test_an_engine_that_is_not_installed_is_misuse(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("glasswright.corpus.engine.find_spec", lambda _: None)
    with pytest.raises(Misuse, match="daft is not installed"):
        Engine(workers=2)
    with pytest.raises(Misuse, match="daft is not installed"):
        Engine(name="ray")


@pytest.mark.parametrize("name", ["native", pytest.param("ray", marks=pytest.mark.slow)])
def test_two_workers_give_the_corpus_of_one(folder: Path, name: str):
    _needs(name)
    whole = _collected(folder, "whole")
    assert _elsewhere(folder, "out", name=name, workers=2) == 0
    assert _bytes(folder / "out") == whole
    (folder / "in" / "00.txt").write_text("Something else altogether.\n")
    shutil.rmtree(folder / "whole")
    assert _collected(folder, "whole") != _bytes(folder / "out")


EACH = """
import os, sys
from glasswright.corpus import Engine
from glasswright.corpus.engine import WorkerDefect
from glasswright.errors import DigestMismatch, GlasswrightError

def task(item):
    what, number = item
    if item == ("dies", 3):
        os._exit(9)
    if item == ("bug", 3):
        raise ZeroDivisionError("of no interest to a user")
    if item == ("refuses", 3):
        raise DigestMismatch("file 3", recorded="a" * 64, found="b" * 64, hint="fetch it again")
    yield number

for what in sys.argv[2:]:
    try:
        print(sum(Engine(name=sys.argv[1], workers=2).each([(what, n) for n in range(8)], task, num_bytes=8)))
    except GlasswrightError as error:
        print(type(error).__name__, error, error.hint, sep=" | ")
    except WorkerDefect as error:
        print(type(error).__name__, str(error).replace("\\n", " "), sep=" | ")
"""
SAID = {
    "works": "28",
    "refuses": "DigestMismatch | file 3: recorded sha256 aaaaaaaaaaaa, found bbbbbbbbbbbb | fetch it again",
    "bug": "WorkerDefect | Traceback (most recent call last): ",
    "dies": "EngineFailed | corpus: a worker failed: ",
}


@pytest.mark.parametrize("name", ["native", pytest.param("ray", marks=pytest.mark.slow)])
@pytest.mark.parametrize("whats", [["works", "refuses", "bug"], ["dies"]], ids=" ".join)
def test_what_stops_a_worker_reaches_the_user(tmp_path: Path, name: str, whats: list[str]):
    _needs(name)
    if (name, whats) == ("ray", ["dies"]):
        pytest.skip("did not run: Ray starts a dead worker again and again, for minutes")
    (tmp_path / "each.py").write_text(EACH)
    command = [sys.executable, str(tmp_path / "each.py"), name, *whats]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    lines = done.stdout.strip().splitlines()[-len(whats) :]
    assert [line.startswith(SAID[what]) for what, line in zip(whats, lines, strict=True)] == [True] * len(whats), lines


def test_an_error_keeps_what_it_says_on_its_way_between_processes():
    error = DigestMismatch("file 3", recorded="a" * 64, found="b" * 64, hint="fetch it again")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.hint, again.found) == (DigestMismatch, str(error), error.hint, error.found)


@pytest.mark.slow
def test_ctrl_c_stops_the_workers_and_the_next_run_goes_on(tmp_path: Path):
    _needs("native")
    (tmp_path / "in").mkdir()
    for number in range(12):
        lines = (f"Line {line} of file {number} says {line * number} things.\n" for line in range(50_000))
        (tmp_path / "in" / f"{number}.txt").write_text("".join(lines))
    build = [sys.executable, "-m", "glasswright.cli", "corpus", "build", "--source", "in", "--license", "MIT"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [*build, "--workers", "2", "--out", "out"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, start_new_session=True)
    while process.poll() is None and not list(tmp_path.glob(".out.work/*.rows")):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".out.work/*.rows"))
    for out in ("out", "whole"):
        subprocess.run([*build, "--workers", "1", "--out", out], cwd=tmp_path, env=environment, check=True)
    assert _bytes(tmp_path / "out") == _bytes(tmp_path / "whole")


def _needs(name: str) -> None:
    for package in {"native": ("daft",), "ray": ("daft", "ray")}[name]:
        if find_spec(package) is None:
            pytest.skip(f"did not run: {package} is not installed; the extra `cluster` brings it")
