"""What happened in training, in records of two halves: `determined` is hashed and equal on every rebuild, `observed` is not.

Floats are binary32 bit patterns in hex, as in the schedule table.
"""

from dataclasses import asdict, dataclass
from typing import Any


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
