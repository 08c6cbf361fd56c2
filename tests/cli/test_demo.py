"""The first thing a stranger runs does what the README says."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright.cli.watch import read_curve
from glasswright.records.canonical import canonical_bytes, float_bits

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
    assert (tmp_path / "demo" / "loss.svg").is_file()


def test_the_demo_touches_no_folder_that_is_not_its_own(glasswright: Run, tmp_path: Path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("precious")
    result = glasswright("demo")
    assert result.returncode == 2
    assert "not from a demo" in result.stderr
    assert (tmp_path / "demo" / "thesis.txt").read_text() == "precious"


def line(step: int, loss: float, validation: float | None) -> bytes:
    determined = {
        "step": step,
        "loss_nats": float_bits(loss),
        "num_tokens": 100,
        "validation_bits_per_byte": None if validation is None else float_bits(validation),
    }
    return canonical_bytes({"determined": determined, "observed": {"milliseconds": 50}})


def test_a_curve_is_read_while_its_last_line_is_being_written(tmp_path: Path):
    (tmp_path / "train-0123").mkdir()
    written = line(1, 5.0, None) + b"\n" + line(2, 4.0, 2.5) + b"\n" + line(3, 3.0, None)[:20]
    (tmp_path / "train-0123" / "steps.jsonl").write_bytes(written)
    curve = read_curve(tmp_path)
    assert (curve.losses, curve.validation, curve.tokens_per_s) == ([5.0, 4.0], [(2, 2.5)], 2000.0)
