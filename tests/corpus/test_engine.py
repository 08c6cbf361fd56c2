"""Whoever examines the documents, and however often they are killed, the corpus is the same."""

import json
import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from glasswright.corpus import Engine, collect, gather
from glasswright.errors import Misuse
from glasswright.records.progress import Progress
from glasswright.records.recipe import Corpus, Recipe

ROOT = Path(__file__).resolve().parents[2]
NUM_FILES = 40
BATCH_BYTES = 2000  # some ten batches
RULES = {"evaluations": [{"name": "questions", "path": "questions.txt"}]}

COLLECT = """
import os, signal, sys
from pathlib import Path
from glasswright.corpus import Engine, collect, gather
from glasswright.corpus.batches import Batches
from glasswright.records.recipe import Recipe

folder, out, name, workers, kill_after = Path(sys.argv[1]), *sys.argv[2:4], int(sys.argv[4]), int(sys.argv[5])
examine = Batches.examine

def examine_or_die(self, key, examiner):
    if len(list(self._folder.glob("*.arrow"))) == kill_after:
        os.kill(os.getpid(), signal.SIGKILL)
    examine(self, key, examiner)

if kill_after >= 0:
    Batches.examine = examine_or_die
gather.BATCH_BYTES = 2000
recipe = Recipe.model_validate_json((folder / "recipe.json").read_bytes())
collect(recipe, base=folder, out=folder / out, engine=Engine(name=name, workers=workers))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files with plain, repeated, personal and evaluation text, and a recipe that reads them in small batches."""
    monkeypatch.setattr(gather, "BATCH_BYTES", BATCH_BYTES)
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
    monkeypatch.setattr(gather, "BATCH_BYTES", 2**22)
    assert _collected(folder, "large") == small
    assert b"contains_evaluation" in b"".join(small.values())
    assert b'"example"' in small["sources.json"]


def test_nothing_but_the_corpus_is_left(folder: Path):
    before = {path.name for path in folder.iterdir()}
    _collected(folder, "out")
    assert {path.name for path in folder.iterdir()} == before | {"out"}


def test_each_step_says_how_far_it_is(folder: Path):
    said: list[Progress] = []
    collect(_recipe(), base=folder, out=folder / "out", report=said.append)
    assert list(dict.fromkeys(progress.what for progress in said)) == ["read", "examine", "compare", "write"]
    last = {progress.what: progress for progress in said}
    assert last["read"].done == last["examine"].done == last["examine"].total == NUM_FILES
    assert all(progress.done == progress.total for what, progress in last.items() if what != "read")


@pytest.mark.parametrize("kill_after", [0, 4])
def test_a_killed_collection_goes_on_where_it_was(folder: Path, kill_after: int):
    whole = _collected(folder, "whole")
    assert _elsewhere(folder, "out", name="native", workers=1, kill_after=kill_after) == -signal.SIGKILL
    assert not (folder / "out").exists()
    results = {path: path.stat().st_mtime_ns for path in (folder / ".out.work").glob("*.arrow")}
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


def test_an_engine_that_is_not_installed_is_misuse(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("glasswright.corpus.engine.find_spec", lambda _: None)
    assert Engine().workers == 1
    with pytest.raises(Misuse, match="daft is not installed"):
        Engine(workers=2)
    with pytest.raises(Misuse, match="daft is not installed"):
        Engine(name="ray")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["native", "ray"])
def test_two_workers_give_the_corpus_of_one(folder: Path, name: str):
    for package in {"native": ("daft",), "ray": ("daft", "ray")}[name]:
        if find_spec(package) is None:
            pytest.skip(f"did not run: {package} is not installed; the extra `cluster` brings it")
    whole = _collected(folder, "whole")
    assert _elsewhere(folder, "out", name=name, workers=2) == 0
    assert _bytes(folder / "out") == whole
    (folder / "in" / "00.txt").write_text("Something else altogether.\n")
    shutil.rmtree(folder / "whole")
    assert _collected(folder, "whole") != _bytes(folder / "out")
