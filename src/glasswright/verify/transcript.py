"""The transcript as a release has it: one file in the order of time, or the three files of schema 1."""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from glasswright.errors import ClaimFalse
from glasswright.records.first_schema import FirstState, FirstStep, first_leaves
from glasswright.records.transcript import (
    KINDS,
    Event,
    Schedule,
    ScheduleBlock,
    Sequences,
    Span,
    StateRecord,
    StepRecord,
)
from glasswright.verify.decode import EDITED, decode, encode, read_halves, read_lines, read_record
from glasswright.verify.folder import REPLACE, Folder
from glasswright.verify.parquet import read_rows

TRANSCRIPT = "transcript.jsonl"
READS = "tokens/reads.parquet"
READS_COLUMNS = ("step", "sequence", "document", "start", "count")
MAX_SPANS = 2**20  # of one step: a few bytes of Parquet can hold a row any number of times
FIRST_FILES = {
    "schedule": "transcript/schedule.json",
    "steps": "transcript/steps.jsonl",
    "states": "transcript/states.jsonl",
}


class Transcript:
    """What the lines say, in the order of time. Nothing is kept: every look reads the file again."""

    files = frozenset({TRANSCRIPT})
    steps_file = TRANSCRIPT

    def __init__(self, folder: Folder, reads_file: str | None = READS):
        self.folder, self.reads_file = folder, reads_file

    def events(self) -> Iterator[tuple[str, Event]]:
        """(place, event) of every line."""
        for where, record in read_halves(self.folder, TRANSCRIPT):
            yield where, _event(record, where)

    def schedule(self) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
        """(step, columns, rates) of every step."""
        for _, event in self.events():
            if isinstance(event, ScheduleBlock):
                yield from ((step, event.columns, row) for step, row in enumerate(event.rows, start=event.first_step))

    def steps(self) -> Iterator[StepRecord]:
        """The step records one at a time; there may be many."""
        return (event for _, event in self.events() if isinstance(event, StepRecord))

    def observed(self) -> Iterator[Any]:
        """What was seen of each step, where anything is said: it is under no root, and may be anything."""
        for _, record in read_lines(self.folder, self.steps_file):
            if isinstance(record, dict) and _is_step(record.get("determined")):
                yield record.get("observed")

    def states(self) -> Iterator[StateRecord]:
        """The state records."""
        return (event for _, event in self.events() if isinstance(event, StateRecord))

    def leaf_of_step(self, number: int) -> tuple[int, dict[str, Any]]:
        """Which leaf of the tree the step is, and its record as it is hashed.

        Raises:  ClaimFalse if there is no such step.
        """
        for index, (_, event) in enumerate(self.events()):
            if isinstance(event, StepRecord) and event.step == number:
                return index, event.record()
        raise ClaimFalse(f"{TRANSCRIPT}: step {number}: not there", hint=REPLACE)

    def leaves(self) -> Iterator[bytes]:
        """The leaves of the transcript's tree, in order."""
        return (encode(record, where) for where, record in read_halves(self.folder, TRANSCRIPT))

    def reads(self) -> Iterator[tuple[int, Sequences]]:
        """(step, what it reads), in order, as far as the file goes."""
        assert self.reads_file is not None
        rows = read_rows(self.folder, self.reads_file, READS_COLUMNS)
        for step, of_step in groupby(rows, key=lambda row: row[0]):
            rows_of_step = list(islice(of_step, MAX_SPANS + 1))
            if len(rows_of_step) > MAX_SPANS:
                raise ClaimFalse(f"{self.reads_file}: step {step}: more than {MAX_SPANS} spans", hint=REPLACE)
            sequences = groupby(rows_of_step, key=lambda row: row[1])
            yield (
                step,
                tuple(tuple(Span(document=d, start=s, count=c) for _, _, d, s, c in rows) for _, rows in sequences),
            )


class FirstTranscript(Transcript):
    """The same of a release of schema 1."""

    files = frozenset(FIRST_FILES.values())
    steps_file = FIRST_FILES["steps"]

    def __init__(self, folder: Folder):
        super().__init__(folder, reads_file=None)

    def events(self) -> Iterator[tuple[str, Event]]:
        """The events of the three files, put in the order of time."""
        schedule, states = self._schedule(), list(self._states())
        yield from _until(states, 0)
        for where, first in self._steps():
            block = schedule.block_before(first.step)
            if block is not None:
                yield FIRST_FILES["schedule"], block
            yield where, first.as_step()
            yield from _until(states, first.step)
        yield from states

    def leaf_of_step(self, number: int) -> tuple[int, dict[str, Any]]:
        for index, (_, step) in enumerate(self._steps(), start=1):  # the schedule is leaf 0
            if step.step == number:
                return index, step.record()
        raise ClaimFalse(f"{FIRST_FILES['steps']}: step {number}: not there", hint=REPLACE)

    def leaves(self) -> Iterator[bytes]:
        return first_leaves(
            self._schedule(), (step for _, step in self._steps()), (state for _, state in self._states())
        )

    def reads(self) -> Iterator[tuple[int, Sequences]]:
        return ((step.step, step.sequences) for _, step in self._steps())

    def _schedule(self) -> Schedule:
        path = FIRST_FILES["schedule"]
        return decode(Schedule, read_record(self.folder, path), path)

    def _steps(self) -> Iterator[tuple[str, FirstStep]]:
        for where, record in read_halves(self.folder, FIRST_FILES["steps"]):
            yield where, decode(FirstStep, record, where)

    def _states(self) -> Iterator[tuple[str, StateRecord]]:
        for where, record in read_halves(self.folder, FIRST_FILES["states"]):
            yield where, decode(FirstState, record, where).as_state()


def _is_step(determined: Any) -> bool:
    """In schema 1 the steps have a file of their own, and no word for what they are."""
    return isinstance(determined, dict) and determined.get("kind", StepRecord.KIND) == StepRecord.KIND


def _until(states: list[tuple[str, StateRecord]], step: int) -> Iterator[tuple[str, StateRecord]]:
    """Take the states up to `step` from the front."""
    while states and states[0][1].step <= step:
        yield states.pop(0)


def _event(record: Any, where: str) -> Event:
    """The event of a line's determined half, by its kind."""
    kind = record.get("kind") if isinstance(record, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise ClaimFalse(f"{where}: kind: expected one of {', '.join(KINDS)}, found {kind!r}", hint=EDITED)
    fields = {key: value for key, value in record.items() if key != "kind"}
    return decode(KINDS[kind], fields, where)
