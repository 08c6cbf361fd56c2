"""What happened in training, in records of two halves.

`determined` is hashed and equal on every rebuild; `observed` (time, host, speed) is not and is never compared. Files
of records hold one JSON line each, {"determined": ..., "observed": ...}. Floats are binary32 bit patterns in hex.

The transcript root is the Merkle root over [schedule, step 1, step 2, ..., state 0, state 1, ...].
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from glasswright.records.canonical import canonical_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Tokens `start` to `start + count - 1` of the document at `document`, its place in the token map."""

    document: int
    start: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One optimizer step: `step` counts from 1 and names the state it ends in."""

    step: int
    loss_nats: str  # mean over the batch's tokens
    gradient_norm: str  # before clipping
    clip: str  # the factor the gradient was multiplied by
    num_tokens: int
    sequences: tuple[tuple[Span, ...], ...]  # what each sequence of the batch reads, its last target included
    validation_bits_per_byte: str | None  # where this step ends with a validation

    def record(self) -> dict[str, Any]:
        """One leaf of the transcript's tree. Spans are written as [document, start, count]."""
        record = asdict(self)
        record["sequences"] = [[[s.document, s.start, s.count] for s in spans] for spans in self.sequences]
        return record

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "StepRecord":
        sequences = tuple(
            tuple(Span(document=document, start=start, count=count) for document, start, count in spans)
            for spans in record["sequences"]
        )
        return cls(**{**record, "sequences": sequences})


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

    segment: int
    step: int
    root: str  # Merkle root over the canonical tensor digests, ordered by name
    tensors: tuple[TensorDigest, ...]

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "StateRecord":
        tensors = tuple(TensorDigest(**{**t, "shape": tuple(t["shape"])}) for t in record["tensors"])
        return cls(**{**record, "tensors": tensors})


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Every value that changes from step to step, as binary32 bit patterns: row i belongs to step i + 1."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise ValueError(f"step {number}: expected {len(self.columns)} values, got {len(row)}")

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Schedule":
        return cls(columns=tuple(record["columns"]), rows=tuple(tuple(row) for row in record["rows"]))


def transcript_leaves(
    schedule: Schedule, steps: Iterable[StepRecord], states: Iterable[StateRecord]
) -> Iterator[bytes]:
    """The leaves of the transcript's Merkle tree, in order."""
    yield canonical_bytes(schedule.record())
    for step in steps:
        yield canonical_bytes(step.record())
    for state in states:
        yield canonical_bytes(state.record())
