"""A run on disk: what is written when, so that a run killed at any moment resumes to the same bits.

    schedule.json                          before the first step
    steps.jsonl                            a line after every step
    checkpoints/state-00000050.safetensors at every segment boundary: first the state, whole or not at all,
    states.jsonl                           then its line
    checkpoints/interrupted.*              the state and its record when the user stopped between two boundaries
    model/                                 after the last step

A state counts only when its line is there and every tensor has the recorded digest. Steps after it are forgotten.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from glasswright.errors import GlasswrightError, Misuse
from glasswright.records.canonical import canonical_bytes, parse
from glasswright.records.transcript import Schedule, StateRecord, StepRecord
from glasswright.store import tensors
from glasswright.store.atomic import write_atomic
from glasswright.train.digests import digests_of

KEPT_STATES = 2  # where not all are wanted: the newest, and the one before in case it was damaged


@dataclass(frozen=True, slots=True)
class SavedState:
    """A state that can be resumed from."""

    record: StateRecord
    path: Path


class RunFolder:
    """The files of one training run."""

    def __init__(self, path: Path):
        self.path = path
        self.steps, self.states = path / "steps.jsonl", path / "states.jsonl"
        self.checkpoints = path / "checkpoints"
        self.interrupted = self.checkpoints / "interrupted.safetensors"
        self.checkpoints.mkdir(parents=True, exist_ok=True)

    def write_schedule(self, schedule: Schedule) -> None:
        write_atomic(self.path / "schedule.json", canonical_bytes(schedule.record()))

    def write_step(self, record: StepRecord, *, seconds: float) -> None:
        observed = {"finished_at": _now(), "milliseconds": round(seconds * 1000)}
        with self.steps.open("ab") as file:
            file.write(_line(record.record(), observed))

    def write_state(self, record: StateRecord, state: dict[str, np.ndarray], *, keep_all: bool) -> None:
        """Save a segment boundary. When this returns, the run can be resumed from it."""
        _sync(self.steps)
        tensors.save(state_path(self.path, record.step), state)
        with self.states.open("ab") as file:
            file.write(_line(record.record(), {"saved_at": _now()}))
            file.flush()
            os.fsync(file.fileno())
        self._forget_interruption()
        if not keep_all:
            for path in sorted(self.checkpoints.glob("state-*.safetensors"))[:-KEPT_STATES]:
                path.unlink()

    def write_interruption(self, record: StateRecord, state: dict[str, np.ndarray]) -> None:
        """Save a state between two boundaries."""
        _sync(self.steps)
        self._forget_interruption()
        tensors.save(self.interrupted, state)
        write_atomic(self.interrupted.with_suffix(".json"), canonical_bytes(record.record()))

    def newest_state(self) -> tuple[SavedState | None, list[str]]:
        """The newest sound state, and why newer ones were refused."""
        refused: list[str] = []
        for saved in sorted(self._saved_states(), key=lambda s: s.record.step, reverse=True):
            reason = _unsound(saved)
            if reason is None:
                return saved, refused
            refused.append(reason)
        return None, refused

    def forget_after(self, step: int) -> None:
        """Drop the records of steps and states after `step`, and lines that were not finished."""
        _keep_lines(self.steps, lambda record: record["step"] <= step)
        _keep_lines(self.states, lambda record: record["step"] <= step)

    def forget_everything(self) -> None:
        """Start over: no step and no state."""
        for path in (self.steps, self.states):
            path.unlink(missing_ok=True)

    def _saved_states(self) -> Iterator[SavedState]:
        for record in _whole_lines(self.states):
            state = StateRecord.from_record(record)
            if state_path(self.path, state.step).exists():
                yield SavedState(state, state_path(self.path, state.step))
        sidecar = self.interrupted.with_suffix(".json")
        if self.interrupted.exists() and sidecar.exists():
            record = parse(sidecar.read_bytes(), str(sidecar))
            yield SavedState(StateRecord.from_record(record), self.interrupted)

    def _forget_interruption(self) -> None:
        for path in (self.interrupted.with_suffix(".json"), self.interrupted):
            path.unlink(missing_ok=True)


def state_path(run: Path, step: int) -> Path:
    """Where the state after `step` steps lies in the folder of a run, or of a release."""
    return run / "checkpoints" / f"state-{step:08d}.safetensors"


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
    return None


def _line(determined: dict[str, Any], observed: dict[str, Any]) -> bytes:
    return canonical_bytes({"determined": determined, "observed": observed}) + b"\n"


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The determined halves of the lines that were written to their end."""
    if not path.exists():
        return
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        yield parse(line, f"{path}:{number}")["determined"]


def _keep_lines(path: Path, wanted: Any) -> None:
    if not path.exists():
        return
    lines = [line for line in path.read_bytes().split(b"\n")[:-1] if line]
    kept = [line for line in lines if wanted(json.loads(line)["determined"])]
    write_atomic(path, b"".join(line + b"\n" for line in kept))


def _sync(path: Path) -> None:
    if not path.exists():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def require_same_schedule(folder: Path, schedule: Schedule) -> None:
    """That the schedule in the folder, if there is one, is this one.

    Raises:  Misuse if it is another: the folder belongs to another recipe.
    """
    path = folder / "schedule.json"
    if path.exists() and path.read_bytes() != canonical_bytes(schedule.record()):
        raise Misuse(f"{path}: the schedule of another recipe", hint="use another work folder")
