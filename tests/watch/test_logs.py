"""What is written for TensorBoard and Trackio is read back by both, and holds what the transcript says.

TensorBoard and Trackio are in no extra: `pip install tensorboard trackio` brings them, and the tests that need them.
"""

import csv
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from tests.release.small import make_release

from glasswright.records.canonical import float_from_bits
from glasswright.watch import Standing, watcher
from glasswright.watch.events import _crc32c, _varint
from glasswright.watch.logs import EVENTS, LOSS, NORM, VALIDATION, table, tensorboard

READER = """
import sys
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
for event in EventFileLoader(sys.argv[1]).Load():
    for value in event.summary.value:
        print(event.step, repr(event.wall_time), value.tag, repr(value.tensor.float_val[0]))
"""


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    folder = tmp_path_factory.mktemp("logs")
    return watcher(make_release(folder, folder / "release"))()


def expected(standing: Standing) -> list[tuple[int, float, str, float]]:
    """(step, when, tag, value) of all that is on record."""
    found = []
    for step, at in zip(standing.steps, standing.ended_at, strict=True):
        found.append((step.step, at, LOSS, float_from_bits(step.loss_nats)))
        found.append((step.step, at, NORM, float_from_bits(step.gradient_norm)))
        if step.validation_bits_per_byte is not None:
            found.append((step.step, at, VALIDATION, float_from_bits(step.validation_bits_per_byte)))
    return found


def python_with(package: str) -> str:
    """A Python that has a reader: this one, or the one that GLASSWRIGHT_READERS names."""
    python = os.environ.get("GLASSWRIGHT_READERS", sys.executable)
    if subprocess.run([python, "-c", f"import {package}"], capture_output=True, check=False).returncode:
        pytest.skip(f"did not run: {package} is not installed; GLASSWRIGHT_READERS names a Python that has it")
    return python


def test_tensorboard_reads_what_the_transcript_says(standing: Standing, tmp_path: Path):
    tensorboard(tmp_path)(standing)
    command = [python_with("tensorboard"), "-c", READER, str(tmp_path / EVENTS)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    read = [(int(step), float(at), tag, float(value)) for step, at, tag, value in map(str.split, said)]
    assert read == expected(standing)
    assert len(read) > 10
    assert read[0][1] > 1.7e9


def test_trackio_imports_what_the_transcript_says(standing: Standing, tmp_path: Path):
    table(tmp_path / "run.csv")(standing)
    program = (
        "import trackio, sys; from trackio.sqlite_storage import SQLiteStorage as S\n"
        "trackio.import_csv(sys.argv[1], project='p', name='r')\n"
        "for row in S.get_logs('p', 'r'): print('row', row['step'], row['train/loss'], row.get('validation'))\n"
    )
    environment = {**os.environ, "TRACKIO_DIR": str(tmp_path / "trackio")}
    command = [python_with("trackio"), "-c", program, str(tmp_path / "run.csv")]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    read = [line.split()[1:] for line in result.stdout.splitlines() if line.startswith("row ")]
    assert [(int(step), float(loss)) for step, loss, _ in read] == [
        (step, value) for step, _, tag, value in expected(standing) if tag == LOSS
    ]
    assert read[-1][2] != "None"


def test_the_table_has_every_step_with_its_time(standing: Standing, tmp_path: Path):
    table(tmp_path / "run.csv")(standing)
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4, 5]
    assert [float(row[LOSS]) for row in rows] == [value for *_, tag, value in expected(standing) if tag == LOSS]
    assert [datetime.fromisoformat(row["timestamp"]).timestamp() for row in rows] == standing.ended_at
    assert rows[0][VALIDATION] == ""


@pytest.mark.parametrize("make", [lambda folder: tensorboard(folder), lambda folder: table(folder / "run.csv")])
def test_a_log_grows_with_the_run_to_what_it_would_be_at_once(make, standing: Standing, tmp_path: Path):  # type: ignore[no-untyped-def]
    growing, at_once = tmp_path / "growing", tmp_path / "at_once"
    for folder in (growing, at_once):
        folder.mkdir()
    log = make(growing)
    for count in (2, 2, 4, 5):
        log(cut(standing, count))
    make(at_once)(standing)
    (first,), (second,) = growing.iterdir(), at_once.iterdir()
    assert first.read_bytes() == second.read_bytes()


def test_a_run_that_went_back_is_written_anew(standing: Standing, tmp_path: Path):
    log = table(tmp_path / "run.csv")
    log(standing)
    log(cut(standing, 3))
    assert len((tmp_path / "run.csv").read_text().splitlines()) == 4


def cut(standing: Standing, count: int) -> Standing:
    """The same after fewer steps."""
    return replace(standing, steps=standing.steps[:count], ended_at=standing.ended_at[:count])


def test_checksums_and_numbers_are_those_of_the_formats():
    assert _crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C, RFC 3720
    assert _crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert [_varint(number).hex() for number in (0, 127, 128, 300)] == ["00", "7f", "8001", "ac02"]
