"""Releases of schema 1, which are still checked and can still be rebuilt, and are no longer made.

    release.json                  `determined` holds the roots, `observed` lies beside them under no digest
    transcript/schedule.json      the whole schedule, one record
    transcript/steps.jsonl        steps that spell out what they read
    transcript/states.jsonl

The transcript root was over [schedule, step 1, step 2, ..., state 0, state 1, ...], and no part covered the files of
model/ beside the weights.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from glasswright.records.canonical import canonical_bytes
from glasswright.records.transcript import (
    Schedule,
    Sequences,
    Span,
    StateRecord,
    StepRecord,
    TensorDigest,
    reads_digest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRoots:
    """What the release root covered."""

    numerics: int
    recipe: str
    ledger: str
    tokens: str
    transcript: str
    weights: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """A step with the spans of its sequences, [document, start, count] each."""

    step: int
    loss_nats: str
    gradient_norm: str
    clip: str
    num_tokens: int
    sequences: tuple[tuple[Span, ...], ...]
    validation_bits_per_byte: str | None

    def record(self) -> dict[str, Any]:
        record = asdict(self)
        record["sequences"] = [[[s.document, s.start, s.count] for s in spans] for spans in self.sequences]
        return record

    def as_step(self) -> StepRecord:
        """The step as it is recorded now."""
        fields = {name: getattr(self, name) for name in SHARED}
        return StepRecord(**fields, reads=reads_digest(self.sequences))

    @classmethod
    def of(cls, step: StepRecord, sequences: Sequences) -> "FirstStep":
        """The step as it was recorded then."""
        return cls(**{name: getattr(step, name) for name in SHARED}, sequences=sequences)


SHARED = ("step", "loss_nats", "gradient_norm", "clip", "num_tokens", "validation_bits_per_byte")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstState:
    """A state, as it is recorded now but for its kind."""

    segment: int
    step: int
    root: str
    tensors: tuple[TensorDigest, ...]

    def as_state(self) -> StateRecord:
        return StateRecord(segment=self.segment, step=self.step, root=self.root, tensors=self.tensors)


def first_leaves(schedule: Schedule, steps: Iterable[FirstStep], states: Iterable[StateRecord]) -> Iterator[bytes]:
    """The leaves of the transcript's Merkle tree, as they were ordered then."""
    yield canonical_bytes(asdict(schedule))
    for step in steps:
        yield canonical_bytes(step.record())
    for state in states:
        yield canonical_bytes({key: value for key, value in state.record().items() if key != "kind"})
