"""A run on disk: what is written when, so that a run killed at any moment resumes to the same bits.

    transcript.jsonl                       an event a line, as it happens (see records.transcript)
    checkpoints/state-00000050.safetensors at every segment boundary: first the state, whole or not at all,
                                           then its event; when that is on the disk, the state counts
    checkpoints/interrupted.*              the state and its record when the user stopped between two boundaries
    reads.parquet, model/                  after the last step

A state can be resumed from when the event it follows is in the transcript, every tensor has the recorded digest, and
the lines before have the digest that was observed when it was saved: `lines_sha256`, of their bytes. The transcript is
then cut back to that event: what came after is computed again.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice, repeat, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from glasswright.attest.tensors import tensors_root
from glasswright.errors import GlasswrightError, Misuse
from glasswright.records.lines import decode_line, encode_line
from glasswright.records.transcript import (
    Event,
    Schedule,
    ScheduleBlock,
    StateRecord,
    StepRecord,
    event_of,
    order_of_events,
)
from glasswright.store import tensors
from glasswright.store.atomic import append, write_atomic
from glasswright.store.transcript import TRANSCRIPT, read_transcript
from glasswright.train.digests import digests_of

LINES_SHA256 = "lines_sha256"
KEPT_STATES = 2  # where not all are wanted: the newest, and the one before in case it was damaged


@dataclass(frozen=True, slots=True)
class SavedState:
    """A state that can be resumed from, and how many events of the transcript lead to it."""

    record: StateRecord
    path: Path
    num_events: int
    lines_sha256: str | None  # of the lines before its own; None where nothing says it


class RunFolder:
    """The files of one training run, which begins in the state `initial` and follows `schedule`."""

    def __init__(self, path: Path, *, initial: StateRecord, schedule: Schedule, segment_steps: int):
        self.path, self.initial, self.schedule, self.segment_steps = path, initial, schedule, segment_steps
        self.transcript = path / TRANSCRIPT
        self.checkpoints = path / "checkpoints"
        self.interrupted = self.checkpoints / "interrupted.safetensors"
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        self._lines = hashlib.sha256()  # of the transcript so far

    def start(self, state: dict[str, np.ndarray], *, keep_all: bool) -> None:
        """Begin with nothing but the initial state."""
        shutil.rmtree(self.checkpoints)
        self.checkpoints.mkdir()
        write_atomic(self.transcript, b"")
        self._lines = hashlib.sha256()
        self.write_state(self.initial, state, keep_all=keep_all)

    def write_schedule(self, step: int) -> None:
        """Write the block of the schedule that stands before `step`, where one does."""
        block = self.schedule.block_before(step)
        if block is not None:
            self._append(block, {})

    def write_step(self, record: StepRecord, *, seconds: float) -> None:
        self._append(record, {"finished_at": _now(), "milliseconds": round(seconds * 1000)})

    def write_state(self, record: StateRecord, state: dict[str, np.ndarray], *, keep_all: bool) -> None:
        """Save a segment boundary. When this returns, the run can be resumed from it.

        Raises:  WriteFailed if the disk does not take it; what was saved before is kept.
        """
        tensors.save(state_path(self.path, record.step), state)
        self._append(record, {"saved_at": _now(), LINES_SHA256: self._lines.hexdigest()}, sync=True)
        self._forget_interruption()
        if not keep_all:
            for path in sorted(self.checkpoints.glob("state-*.safetensors"))[:-KEPT_STATES]:
                path.unlink()

    def write_interruption(self, record: StateRecord, state: dict[str, np.ndarray]) -> None:
        """Save a state between two boundaries."""
        self._forget_interruption()
        append(self.transcript, b"", sync=True)
        tensors.save(self.interrupted, state)
        write_atomic(self._sidecar, encode_line(record.record(), {LINES_SHA256: self._lines.hexdigest()}))

    def newest_state(self) -> tuple[SavedState | None, list[str]]:
        """The newest sound state, and what was refused on the way to it.

        Raises:  Misuse if the transcript is that of another run.
        """
        refused: list[str] = []
        for saved in sorted(self._saved_states(refused), key=lambda saved: saved.record.step, reverse=True):
            reason = self._changed_lines(saved) or _unsound(saved)
            if reason is None:
                return saved, refused
            refused.append(reason)
        return None, refused

    def go_on_from(self, saved: SavedState) -> None:
        """Forget what came after `saved`: states, events, and one that was not written to its end."""
        for path in self.checkpoints.glob("state-*.safetensors"):
            if path.name > state_path(self.path, saved.record.step).name:
                path.unlink()
        self._lines, size = self._first_lines(saved.num_events)
        os.truncate(self.transcript, size)

    def _first_lines(self, count: int) -> "tuple[hashlib._Hash, int]":
        """The digest and the size of the first lines of the transcript."""
        lines, size = hashlib.sha256(), 0
        with self.transcript.open("rb") as file:
            for line in islice(file, count):
                lines.update(line)
                size += len(line)
        return lines, size

    def _changed_lines(self, saved: SavedState) -> str | None:
        """What is wrong with the lines before a state's own, if anything is."""
        is_on_boundary = saved.path != self.interrupted
        lines, _ = self._first_lines(saved.num_events - is_on_boundary)
        if saved.lines_sha256 == lines.hexdigest():
            return None
        return f"{self.transcript}: the lines up to step {saved.record.step} are not those written: a byte has changed"

    @property
    def _sidecar(self) -> Path:
        return self.interrupted.with_suffix(".json")

    def _saved_states(self, refused: list[str]) -> Iterator[SavedState]:
        events_to_step: dict[int, int] = {}
        for num_events, (event, observed) in enumerate(self._events(refused), start=1):
            if isinstance(event, StateRecord) and state_path(self.path, event.step).exists():
                yield SavedState(event, state_path(self.path, event.step), num_events, _lines_of(observed))
            if isinstance(event, StepRecord):
                events_to_step[event.step] = num_events
        if self.interrupted.exists() and self._sidecar.exists():
            record, lines_sha256 = self._interruption(refused)
            if record is not None and record.step in events_to_step:
                yield SavedState(record, self.interrupted, events_to_step[record.step], lines_sha256)

    def _events(self, refused: list[str]) -> Iterator[tuple[Event, Any]]:
        """The events of this run, with what was observed, up to the first line that is damaged."""
        if not self.transcript.exists():
            return
        expected = chain(order_of_events(len(self.schedule.rows), self.segment_steps), repeat(("no more", 0)))
        events = read_transcript(self.transcript)
        while True:
            try:
                event, observed = next(events)
            except StopIteration:
                return
            except Misuse as damage:
                if isinstance(damage.__cause__, OSError):  # not damaged: it cannot be read at all
                    raise
                refused.append(str(damage))
                return
            self._require_ours(event, *next(expected))
            yield event, observed

    def _require_ours(self, event: Event, kind: str, step: int) -> None:
        """That an event is what this run writes at its place.

        Raises:  Misuse if not: the folder belongs to a run of another recipe or seed.
        """
        found = event.first_step if isinstance(event, ScheduleBlock) else event.step
        wanted: Event | None = event
        if kind == StateRecord.KIND and step == 0:
            wanted = self.initial
        elif kind == ScheduleBlock.KIND:
            wanted = self.schedule.block_before(step)
        if (event.KIND, found) != (kind, step) or event != wanted:
            raise Misuse(
                f"{self.transcript}: {event.KIND} {found} is not of this run: it belongs to another recipe",
                hint="use another work folder",
            )

    def _interruption(self, refused: list[str]) -> tuple[StateRecord | None, str | None]:
        try:
            determined, observed = decode_line(self._sidecar.read_bytes(), str(self._sidecar))
            event = event_of(determined)
        except (KeyError, TypeError, ValueError, Misuse) as damage:
            refused.append(f"{self._sidecar}: {damage}")
            return None, None
        return (event if isinstance(event, StateRecord) else None), _lines_of(observed)

    def _forget_interruption(self) -> None:
        for path in (self._sidecar, self.interrupted):
            path.unlink(missing_ok=True)

    def _append(self, event: Event, observed: dict[str, Any], *, sync: bool = False) -> None:
        line = encode_line(event.record(), observed)
        append(self.transcript, line, sync=sync)
        self._lines.update(line)


def state_path(run: Path, step: int) -> Path:
    """Where the state after `step` steps lies in the folder of a run, or of a release."""
    return run / "checkpoints" / f"state-{step:08d}.safetensors"


def _lines_of(observed: Any) -> str | None:
    return observed.get(LINES_SHA256) if isinstance(observed, dict) else None


def _unsound(saved: SavedState) -> str | None:
    """Why a saved state cannot be resumed from; None where it can."""
    try:
        state = tensors.load(saved.path)
    except GlasswrightError as error:
        return str(error)
    for found, recorded in zip_longest(digests_of(state), saved.record.tensors):
        if found != recorded:
            name = (recorded or found).name
            return f"{saved.path}: tensor {name} is not the one recorded: a byte has changed"
    if tensors_root(saved.record.tensors) != saved.record.root:
        return f"{saved.path}: the root recorded is not that of its tensors: a byte has changed"
    return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
