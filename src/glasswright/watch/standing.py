"""How a build or a release stands at one look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from glasswright.curve import Curve
from glasswright.records.canonical import MAX_EXACT_INTEGER
from glasswright.records.transcript import StepRecord

State = Literal["running", "stopped", "built"]
RECENT = 10  # steps that the rate is taken from


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One look."""

    where: str
    name: str
    state: State
    why: str  # what stopped it; else empty
    stage: str
    done: int  # of the stage
    total: int | None
    unit: str
    steps: Sequence[StepRecord]
    ended_at: Sequence[float]  # each of them, in seconds since 1970; 0 where nobody says
    curve: Curve
    tokens_per_s: float | None
    seconds_a_step: float | None
    out: str  # where the release is, or is to be

    @property
    def step(self) -> int:
        return len(self.steps)

    @property
    def seconds_left(self) -> float | None:
        """Of the training, at the rate of the last steps; None where it does not run."""
        if self.state != "running" or self.stage != "train" or self.seconds_a_step is None:
            return None
        return (self.curve.num_steps - self.step) * self.seconds_a_step

    def record(self) -> dict[str, Any]:
        """For programs: every number with its unit in its name."""
        return {
            "where": self.where,
            "name": self.name,
            "state": self.state,
            "why": self.why,
            "stage": self.stage,
            "done": self.done,
            "total": self.total,
            "unit": self.unit,
            "step": self.step,
            "num_steps": self.curve.num_steps,
            "loss_nats": self.curve.losses[-1] if self.curve.losses else None,
            "tokens_per_s": self.tokens_per_s,
            "seconds_left": self.seconds_left,
            "validation_bits_per_byte": [{"step": step, "value": bits} for step, bits in self.curve.validation],
            "out": self.out,
        }


def ended_at(observed: Any) -> float:
    """When a step ended, by what was observed of it; 0 where nothing sensible is said."""
    try:
        return datetime.fromisoformat(observed["finished_at"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return 0.0


def milliseconds(observed: Any) -> int:
    """How long it took; 0 where nothing sensible is said."""
    spent = observed.get("milliseconds") if isinstance(observed, dict) else None
    return spent if type(spent) is int and 0 <= spent <= MAX_EXACT_INTEGER else 0
