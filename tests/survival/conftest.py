"""A tiny project, and a launcher that runs commands in it on a disk that can refuse, or strikes them at any moment."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.survival.launcher import LOG, WATCHED

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"
# Threads that libraries start when they are loaded; a fork would lose them.
NO_THREADS = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}

RECIPE = """
name: tiny
sources:
  - {name: notes, kind: folder, path: notes, license: CC0-1.0}
corpus: {near_similarity: 0, contained_share: 0}
tokenizer: {vocab_size: 270}
tokens: {validation_share: 0.2}
model: {hidden_size: 16, num_layers: 1, num_heads: 2, num_kv_heads: 1, intermediate_size: 16}
train:
  num_steps: 3
  sequence_length: 16
  batch_sequences: 2
  leaf_sequences: 1
  segment_steps: 2
  schedule: {warmup_steps: 1, decay_steps: 2}
"""
WORK = ("--out", "here/out", "--work", "here/work", "--threads", "1")
BUILD = ("build", "tiny.yaml", *WORK, "--checkpoints")
COLLECT = ("corpus", "build", "tiny.yaml", "--out", "here/out")
REBUILD = ("rebuild", "here/release", *WORK, "--json")
REPLAY = ("replay", "here/release", "--segments", "2", "--draw-seed", "1", "--threads", "1", "--json")
DERIVE = ("derive", "parent", "--conversations", "talks.jsonl", "--license", "CC0-1.0", "--parent-license", "CC0-1.0",
          "--rank", "2", "--checkpoints", *WORK)  # fmt: skip
TEMPLATE = (
    "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
SUBJECTS = ("The mill", "A river", "The old clock", "Our garden", "The night train", "A letter")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int  # negative where a signal ended it
    out: str
    err: str
    seconds: float


class Launcher:
    """Runs commands, one at a time."""

    def __init__(self, preloaded: Path):
        environment = {**os.environ, **NO_THREADS, "PYTHONPATH": str(SOURCE), "LD_PRELOAD": str(preloaded)}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "launcher.py")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def close(self) -> None:
        self.process.communicate()

    def run(
        self,
        folder: Path,
        *arguments: str,
        refuse: tuple[int, int, bool] | None = None,
        strike: tuple[int, float] | None = None,
    ) -> Ended:
        """Run a command line in a project's folder.

        refuse:  (number of a call that changes what is in folder/here, errno, whether to refuse all that follow too);
                 number 0 refuses none and writes the log
        strike:  (number of a signal, seconds after which it is sent)
        """
        command: dict[str, Any] = {"arguments": arguments, "folder": str(folder), "refuse": None, "signal": None}
        if refuse is not None:
            command["refuse"] = dict(zip(("call", "error", "and_all_after"), refuse, strict=True))
        if strike is not None:
            command["signal"] = dict(zip(("number", "after_s"), strike, strict=True))
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return Ended(**json.loads(self._answer()))

    def _answer(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the launcher has ended"
        return line


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    if shutil.which("cc") is None or not sys.platform.startswith("linux"):
        pytest.skip("did not run: the disk that refuses is compiled with cc, and preloaded as Linux does")
    library = tmp_path_factory.mktemp("disk") / "refusing_disk.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library, HERE / "refusing_disk.c"]
    subprocess.run([*map(str, command), "-ldl"], check=True)
    launcher = Launcher(library)
    yield launcher
    launcher.close()


@pytest.fixture(scope="session")
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is such a place: what a disk refuses here, it refuses before it is asked."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path_factory.mktemp("disk")
        return
    with tempfile.TemporaryDirectory(prefix="glasswright-survival-", dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recipe and its documents; what commands make goes into folder/here."""
    return _project(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="session")
def released(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a release in it."""
    folder = _project(tmp_path_factory.mktemp("released"))
    ended = launcher.run(folder, *BUILD)
    assert ended.code == 0, ended.err
    (folder / WATCHED / "out").rename(folder / WATCHED / "release")
    shutil.rmtree(folder / WATCHED / "work")
    return folder


@pytest.fixture(scope="session")
def parented(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small model that has a chat template, and conversations to learn from."""
    folder = _project(tmp_path_factory.mktemp("parented"), RECIPE.replace("sequence_length: 16", "sequence_length: 64"))
    ended = launcher.run(folder, *BUILD)
    assert ended.code == 0, ended.err
    (folder / WATCHED / "out" / "model").rename(folder / "parent")
    shutil.rmtree(folder / WATCHED)
    (folder / WATCHED).mkdir()
    settings = folder / "parent" / "tokenizer_config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_bytes()), "chat_template": TEMPLATE}))
    talks = [
        [{"role": "user", "content": f"{number}?"}, {"role": "assistant", "content": subject}]
        for number, subject in enumerate(SUBJECTS)
    ]
    (folder / "talks.jsonl").write_text("".join(json.dumps({"messages": talk}) + "\n" for talk in talks))
    return folder


def _project(folder: Path, recipe: str = RECIPE) -> Path:
    (folder / WATCHED).mkdir(parents=True)
    (folder / "notes").mkdir()
    for number, subject in enumerate(SUBJECTS):
        text = f"{subject} was there before us, and number {number} in the book says so.\n" * (number + 2)
        (folder / "notes" / f"{number}.txt").write_text(text)
    (folder / "tiny.yaml").write_text(recipe)
    return folder


def masked(path: str) -> str:
    """Without the digest in a stage's folder: that of the corpus holds the times of its files."""
    return re.sub("(corpus|parent|tokens|train)-[0-9a-f]{12}", r"\1", path)


def logged(folder: Path) -> list[tuple[str, str]]:
    """The calls that a command made: (kind, path relative to folder/here)."""
    lines = [line.split(" ", 1) for line in (folder / LOG).read_text().splitlines()]
    return [(kind, masked(str(Path(path).relative_to(folder / WATCHED)))) for kind, path in lines]


@dataclass(frozen=True)
class Alone:
    """How a command ends that is left alone."""

    command: tuple[str, ...]
    start: Path  # the folder it is run in, before it
    seconds: float
    calls: list[tuple[str, str]]
    names: set[str]
    result: str


def left_alone(launcher: Launcher, folder: Path, command: tuple[str, ...], start: Path) -> Alone:
    """Run a command in a copy of the folder `start`."""
    shutil.copytree(start, folder)
    ended = launcher.run(folder, *command, refuse=(0, 0, False))
    assert ended.code == 0, ended.err
    made = logged(folder) if (folder / LOG).exists() else []
    return Alone(command, start, ended.seconds, made, names(folder), result(folder, ended))


def names(folder: Path) -> set[str]:
    """All that lies in folder/here."""
    here = folder / WATCHED
    return {masked(str(path.relative_to(here))) for path in here.rglob("*")}


def result(folder: Path, ended: Ended) -> str:
    """What a command found and made."""
    verdict = str(json.loads(ended.out)["answer"]) if ended.out.startswith("{") else ""
    return f"{verdict} {made_at_out(folder)}"


def made_at_out(folder: Path) -> str:
    """The root of the release, or all that a corpus must have in common with another; nothing if there is nothing."""
    out = folder / WATCHED / "out"
    if (out / "release.json").exists():
        return str(json.loads((out / "release.json").read_bytes())["root"])
    return "".join(sorted(path.read_text() for path in out.glob("documents/*")))


def is_whole(folder: Path, alone: Alone) -> bool:
    """Whether what is at --out is all that the command makes there."""
    made = made_at_out(folder)
    return made != "" and alone.result.endswith(made)
