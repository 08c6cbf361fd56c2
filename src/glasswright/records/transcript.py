"""What happened in training, in records of two halves, in the order of time.

    state 0
    schedule        the rates of steps 1 to 4096, before the first of them
    step 1 ... step k
    state 1         after every segment
    step k + 1 ...

`determined` is hashed and equal on every rebuild; `observed` (time, host, speed) is not and is never compared.
`transcript.jsonl` holds one record a line, {"determined": ..., "observed": ...}. Floats are binary32 bit patterns in
hex.

The transcript root is the Merkle root over the determined halves, so leaf i is line i + 1, and what has been written so
far has a root of its own: a run can be committed to while it goes on.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from glasswright.records.canonical import digest

ROWS_PER_BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Tokens `start` to `start + count - 1` of the document at `document`, its place in the token map."""

    document: int
    start: int
    count: int


Sequences = tuple[tuple[Span, ...], ...]  # what each sequence of a batch reads, its last target included


def reads_digest(sequences: Sequences) -> str:
    """The digest of what a step reads: of its sequences, each a list of spans [document, start, count]."""
    return digest([[[span.document, span.start, span.count] for span in spans] for spans in sequences])


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One optimizer step: `step` counts from 1 and names the state it ends in."""

    KIND: ClassVar[Literal["step"]] = "step"

    step: int
    loss_nats: str  # mean over the batch's tokens
    gradient_norm: str  # before clipping
    clip: str  # the factor the gradient was multiplied by
    num_tokens: int
    reads: str  # digest of what its sequences read; the spans are in tokens/reads.parquet
    validation_bits_per_byte: str | None  # where this step ends with a validation

    def record(self) -> dict[str, Any]:
        return {"kind": self.KIND, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorDigest:
    """One tensor's identity: the Merkle root over its description and its bytes in chunks (see attest.tensors)."""

    name: str
    dtype: str  # safetensors' name, e.g. F32
    shape: tuple[int, ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRecord:
    """The full training state after `step` steps, at a segment boundary; step 0 is the initial state."""

    KIND: ClassVar[Literal["state"]] = "state"

    segment: int
    step: int
    root: str  # Merkle root over the canonical tensor digests, ordered by name
    tensors: tuple[TensorDigest, ...]

    def record(self) -> dict[str, Any]:
        return {"kind": self.KIND, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleBlock:
    """Some rows of the schedule: the first belongs to `first_step`."""

    KIND: ClassVar[Literal["schedule"]] = "schedule"

    first_step: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, start=self.first_step):
            if len(row) != len(self.columns):
                raise ValueError(f"step {number}: expected {len(self.columns)} values, got {len(row)}")

    def record(self) -> dict[str, Any]:
        return {"kind": self.KIND, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Every value that changes from step to step, as binary32 bit patterns: row i belongs to step i + 1."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def block_before(self, step: int) -> ScheduleBlock | None:
        """The block that stands before `step` in the transcript; None where it stands before an earlier one."""
        first = step - 1
        if first % ROWS_PER_BLOCK:
            return None
        return ScheduleBlock(first_step=step, columns=self.columns, rows=self.rows[first : first + ROWS_PER_BLOCK])


Event = StateRecord | ScheduleBlock | StepRecord
KINDS: dict[str, type[Event]] = {kind.KIND: kind for kind in (StateRecord, ScheduleBlock, StepRecord)}


def event_of(record: dict[str, Any]) -> Event:
    """The event that a line's determined half encodes.

    Raises:  KeyError, TypeError or ValueError where it is none; `verify` says where and why.
    """
    fields = {key: value for key, value in record.items() if key != "kind"}
    kind = record["kind"]
    if kind == StateRecord.KIND:
        tensors = tuple(TensorDigest(**{**t, "shape": tuple(t["shape"])}) for t in fields["tensors"])
        return StateRecord(**{**fields, "tensors": tensors})
    if kind == ScheduleBlock.KIND:
        rows = tuple(map(tuple, fields["rows"]))
        return ScheduleBlock(**{**fields, "columns": tuple(fields["columns"]), "rows": rows})
    if kind == StepRecord.KIND:
        return StepRecord(**fields)
    raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}")


def boundaries(num_steps: int, segment_steps: int) -> list[int]:
    """The steps after which a state is recorded: 0, every segment's end, and the last."""
    return [*range(0, num_steps, segment_steps), num_steps]


def order_of_events(num_steps: int, segment_steps: int) -> Iterator[tuple[str, int]]:
    """(kind, step) of every event of a whole run, in the order of time; a schedule block is named by its first step."""
    yield StateRecord.KIND, 0
    for step in range(1, num_steps + 1):
        if (step - 1) % ROWS_PER_BLOCK == 0:
            yield ScheduleBlock.KIND, step
        yield StepRecord.KIND, step
        if step % segment_steps == 0 or step == num_steps:
            yield StateRecord.KIND, step
