"""The way of a user, command by command: build, stop, go on, verify, rebuild, look, and catch a forged bit."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright.cli.forge import forged_copy

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def built(small: Path) -> Path:
    return small / "releases" / "small"


def root(release: Path) -> str:
    return str(json.loads((release / "release.json").read_bytes())["root"])


def test_a_built_release_is_verified(built: Path, in_process: Run):
    result = in_process("verify", built)
    assert result.returncode == 0, result.stdout
    assert result.stdout.rstrip().splitlines()[-2] == f"PROVED   {built}"


def test_a_rebuild_with_other_threads_and_other_code_reaches_the_root(built: Path, glasswright: Run, tmp_path: Path):
    result = glasswright("rebuild", built, "--out", "again", "--threads", 3, GLASSWRIGHT_KERNELS="generic")
    assert result.returncode == 0, result.stdout + result.stderr
    assert root(tmp_path / "again") == root(built)
    assert glasswright("diff", built, "again").returncode == 0
    assert [path.name for path in (tmp_path / ".glasswright").iterdir()] == []


def test_segments_are_replayed_to_the_recorded_states(built: Path, in_process: Run):
    result = in_process("replay", built, "--segments", 2, "--draw-seed", 1)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_release_is_looked_into(built: Path, in_process: Run):
    assert in_process("generate", built, "The", "--tokens", 4).stdout.startswith("The")
    step = in_process("step", built, 3, "--json")
    assert step.returncode == 0, step.stderr
    assert json.loads(step.stdout)


def test_without_a_number_of_tokens_a_text_goes_on_as_far_as_there_is_room(built: Path, in_process: Run):
    assert in_process("generate", built, "The").stdout.startswith("The")
    full = in_process("generate", built, "The mill was there before us, and number 0 in the book says so.")
    assert (full.returncode, full.stdout) == (2, "")
    assert "more it is beyond the model's 32 positions" in full.stderr


def test_a_forged_bit_is_named_with_file_tensor_and_chunk(built: Path, in_process: Run, tmp_path: Path):
    forged = tmp_path / "forged"
    said = forged_copy(built, forged, "model.layers.1.mlp.down_proj.weight")
    assert "model.layers.1.mlp.down_proj.weight" in said
    result = in_process("verify", forged)
    assert result.returncode == 1
    for word in ("REFUTED", "model/model.safetensors", "model.layers.1.mlp.down_proj.weight", "chunk"):
        assert word in result.stdout


def test_a_build_into_a_place_that_is_taken_is_refused_before_the_work(notes: Path, in_process: Run):
    (notes / "releases" / "small").mkdir(parents=True)
    result = in_process("build", "small.yaml")
    assert result.returncode == 2
    assert "releases/small: exists already" in result.stderr
    assert not (notes / ".glasswright").exists()


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_stopped_goes_on_to_the_same_root(
    built: Path, notes: Path, environment: dict[str, str], in_process: Run, stop: signal.Signals
):
    words = ["build", "small.yaml", "--checkpoints", "--work", "again", "--out", "again.out"]
    command = [sys.executable, "-m", "glasswright.cli", *words]
    with subprocess.Popen(command, cwd=notes, env=environment, stderr=subprocess.PIPE, text=True) as process:
        while not [*notes.glob("again/train-*/transcript.jsonl")] and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(stop)
        _, said = process.communicate()
    if stop is signal.SIGINT and process.returncode != 0:
        assert process.returncode == 130, said
        assert f"hint: go on with `glasswright {' '.join(words)}`" in said
        assert "Traceback" not in said
    if process.returncode != 0:
        assert not (notes / "again.out").exists()
        finished = in_process(*words)
        assert finished.returncode == 0, finished.stderr
    assert root(notes / "again.out") == root(built)


def test_another_document_gives_another_root(built: Path, notes: Path, in_process: Run):
    """The sabotage twin of the tests above: roots differ where they must."""
    (notes / "notes" / "3.txt").write_text("Something else altogether.\n" * 9)
    assert in_process("build", "small.yaml", "--out", "other").returncode == 0
    assert root(notes / "other") != root(built)


@pytest.mark.slow
def test_documents_without_a_recipe_are_enough(notes: Path, in_process: Run):
    (notes / "notes" / "long.txt").write_text("".join(f"Line {n} of {n * n}.\n" for n in range(2000)))
    result = in_process("build", "--documents", "notes", "--license", "CC0-1.0", "--out", "r", "--threads", 2)
    assert result.returncode == 0, result.stderr
    assert "license: CC0-1.0" in (notes / "r" / "recipe.yaml").read_text()


def test_an_empty_corpus_is_an_error_and_leaves_no_release(notes: Path, in_process: Run):
    for path in (notes / "notes").iterdir():
        path.write_text("")
    result = in_process("build", "small.yaml")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert not (notes / "releases" / "small").exists()


def test_a_document_without_a_license_is_not_learned(notes: Path, in_process: Run):
    recipe = notes / "small.yaml"
    recipe.write_text(recipe.read_text().replace(", license: CC0-1.0", ""))
    result = in_process("build", "small.yaml")
    assert result.returncode == 2
    assert "license" in result.stderr
