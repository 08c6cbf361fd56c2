"""How a build or a release stands at one look."""

from dataclasses import dataclass
from typing import Any, Literal

from glasswright.curve import Curve

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
    curve: Curve
    tokens_per_s: float | None
    seconds_a_step: float | None
    out: str  # where the release is, or is to be

    @property
    def step(self) -> int:
        return len(self.curve.losses)

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
