"""The first thing a stranger runs does what the README says."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright.cli.watch import read_curve
from glasswright.records.canonical import float_bits
from glasswright.records.lines import encode_line
from glasswright.records.transcript import StateRecord, StepRecord

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


def test_a_curve_is_read_while_its_last_line_is_being_written(tmp_path: Path):
    (tmp_path / "train-0123").mkdir()
    state = encode_line(StateRecord(segment=0, step=0, root="", tensors=()).record(), {})
    written = state + line(1, 5.0, None) + line(2, 4.0, 2.5) + line(3, 3.0, None)[:20]
    (tmp_path / "train-0123" / "transcript.jsonl").write_bytes(written)
    curve = read_curve(tmp_path)
    assert (curve.losses, curve.validation, curve.tokens_per_s) == ([5.0, 4.0], [(2, 2.5)], 2000.0)
