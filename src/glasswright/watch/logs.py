"""What the steps say, in the formats of those who compare runs: for TensorBoard a folder, for Trackio a CSV file.

Both are made from the transcript alone, so any run has them: one that runs, one that is done, one of somebody else's
release. While a build runs, what is new is added at each look.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from glasswright.records.canonical import float_from_bits
from glasswright.records.transcript import StepRecord
from glasswright.store.atomic import append, write_atomic
from glasswright.watch.events import step_record, version_record
from glasswright.watch.standing import Standing

EVENTS = "events.out.tfevents.0.glasswright"  # TensorBoard looks for the middle of the name
LOSS, NORM, VALIDATION = "train/loss_nats", "train/gradient_norm", "validation/bits_per_byte"
COLUMNS = ("timestamp", "step", LOSS, NORM, VALIDATION)  # as `trackio.import_csv` takes them


class Log:
    """A file that is written anew at the first look, and added to at those that follow."""

    def __init__(self, path: Path, head: Callable[[Standing], bytes], line: Callable[[StepRecord, float], bytes]):
        self.path, self.head, self.line = path, head, line
        self.num_written = 0

    def __call__(self, standing: Standing) -> None:
        """Write what is new. Where a run went back to an earlier state, the steps that it took again follow once more.

        Raises:  WriteFailed if the disk does not take it.
        """
        is_new = self.num_written == 0 or standing.step < self.num_written
        first = 0 if is_new else self.num_written
        data = b"".join(self.line(step, at) for step, at in _timed(standing, first))
        if is_new:
            write_atomic(self.path, self.head(standing) + data)
        else:
            append(self.path, data)
        self.num_written = standing.step


def tensorboard(folder: Path) -> Log:
    """A log for `tensorboard --logdir`."""
    folder.mkdir(parents=True, exist_ok=True)
    return Log(
        folder / EVENTS,
        head=lambda standing: version_record(standing.ended_at[0] if standing.ended_at else 0.0),
        line=lambda step, at: step_record(step.step, at, _values(step)),
    )


def table(path: Path) -> Log:
    """A log for `trackio.import_csv`, and for whoever reads tables."""
    return Log(path, head=lambda _: _row(COLUMNS), line=lambda step, at: _row(_cells(step, at)))


def _timed(standing: Standing, first: int) -> Iterator[tuple[StepRecord, float]]:
    return zip(standing.steps[first:], standing.ended_at[first:], strict=True)


def _values(step: StepRecord) -> dict[str, float]:
    values = {LOSS: float_from_bits(step.loss_nats), NORM: float_from_bits(step.gradient_norm)}
    if step.validation_bits_per_byte is not None:
        values[VALIDATION] = float_from_bits(step.validation_bits_per_byte)
    return values


def _cells(step: StepRecord, at: float) -> list[object]:
    values = _values(step)
    return [
        datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
        step.step,
        *(values.get(name, "") for name in COLUMNS[2:]),
    ]


def _row(cells: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()
