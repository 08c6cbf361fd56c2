"""Runs `glasswright` as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright.cli import app

SOURCE = Path(__file__).resolve().parents[2] / "src"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE)}


def run_in(folder: Path, environment: dict[str, str]) -> Run:
    """`glasswright("plan", "x.yaml")` in a folder."""

    def run(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "glasswright.cli", *map(str, arguments)]
        return subprocess.run(
            command, cwd=folder, env={**environment, **settings}, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def glasswright(tmp_path: Path, environment: dict[str, str]) -> Run:
    """`glasswright` in an empty folder."""
    return run_in(tmp_path, environment)


@pytest.fixture
def in_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The same in this process, for what says nothing of processes: a new one takes half a second to begin."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        code = app.run([*map(str, arguments)])
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recipe, a few short texts written for these tests, and the release built from them."""
    folder = tmp_path_factory.mktemp("small")
    write_notes(folder)
    result = run_in(folder, {**os.environ, "PYTHONPATH": str(SOURCE)})("build", "small.yaml", "--checkpoints")
    assert result.returncode == 0, result.stderr
    assert result.stdout == "releases/small\n"
    return folder


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The same folder before anything is built."""
    write_notes(tmp_path)
    return tmp_path


RECIPE = """
name: small
sources:
  - {name: notes, kind: folder, path: notes, license: CC0-1.0}
corpus: {near_similarity: 0, contained_share: 0}
tokenizer: {vocab_size: 280}
tokens: {validation_share: 0.2}
model: {hidden_size: 32, num_layers: 2, num_heads: 2, num_kv_heads: 1, intermediate_size: 48}
train:
  num_steps: 24
  sequence_length: 32
  batch_sequences: 4
  leaf_sequences: 2
  segment_steps: 6
  schedule: {warmup_steps: 2, decay_steps: 6}
"""

SUBJECTS = ("The mill", "A river", "The old clock", "Our garden", "The night train", "A letter", "The baker", "Snow")


def write_notes(folder: Path) -> None:
    (folder / "notes").mkdir()
    for number, subject in enumerate(SUBJECTS):
        text = f"{subject} was there before us, and number {number} in the book says so.\n" * (number + 3)
        (folder / "notes" / f"{number}.txt").write_text(text)
    (folder / "small.yaml").write_text(RECIPE)
