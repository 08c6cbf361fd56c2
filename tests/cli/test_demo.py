"""The first thing a stranger runs does what the README says."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.slow
def test_the_demo_shows_all_it_promises_and_can_be_run_again(glasswright: Run, tmp_path: Path):
    result = glasswright("demo")
    assert result.returncode == 0, result.stdout + result.stderr
    for words in (
        "Killed with SIGKILL after step",
        "PROVED   demo/release",
        "equal: the same recipe gave the same release, to the last bit",
        "REFUTED  demo/forged",
        "(exit code 1)",
        "glasswright build --documents DIR --license CC-BY-4.0",
    ):
        assert words in result.stdout
    assert (tmp_path / "demo" / "release" / "training.svg").is_file()


def test_the_demo_touches_no_folder_that_is_not_its_own(in_process: Run, tmp_path: Path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("precious")
    result = in_process("demo")
    assert result.returncode == 2
    assert "not from a demo" in result.stderr
    assert (tmp_path / "demo" / "thesis.txt").read_text() == "precious"
