"""What is drawn: the loss of every step, and what validation measured, in one unit.

    nats a token = bits a byte * ln 2 * bytes a token        of the validation documents

The two units differ by a factor that the token map states, so both fit one plot: the loss has the left axis, and the
right one says the same heights in bits a byte.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from glasswright.records.canonical import float_from_bits
from glasswright.records.transcript import StepRecord

SMOOTHED_SHARE = 50  # a smoothed loss is the mean over this part of all steps, before and after


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The steps so far, from the first one on."""

    losses: Sequence[float]  # nats a token, by step
    validation: Sequence[tuple[int, float]]  # step, bits a byte
    num_steps: int  # that there will be
    bytes_per_token: float | None  # of the validation documents; None if there are none, or nobody says

    @classmethod
    def of(cls, steps: Iterable[StepRecord], *, num_steps: int, held: tuple[int, int]) -> "Curve":
        """The curve of a run's step records; `held` are the bytes and the tokens of the validation documents."""
        losses, validation = [], []
        for step in steps:
            losses.append(float_from_bits(step.loss_nats))
            if step.validation_bits_per_byte is not None:
                validation.append((step.step, float_from_bits(step.validation_bits_per_byte)))
        num_bytes, num_tokens = held
        ratio = num_bytes / num_tokens if num_tokens else None
        return cls(losses=losses, validation=validation, num_steps=num_steps, bytes_per_token=ratio)

    @property
    def nats_per_bit(self) -> float | None:
        """What one bit a byte is in nats a token."""
        return None if self.bytes_per_token is None else math.log(2) * self.bytes_per_token


def smoothed(losses: Sequence[float]) -> list[float]:
    """The mean of each loss with its neighbours on both sides. Before the first steps there is nothing to balance
    what comes after, and the loss falls fast: there the mean reaches as far ahead as it does back."""
    sums = [0.0, *accumulate(losses)]
    reach = len(losses) // SMOOTHED_SHARE
    means = []
    for place in range(len(losses)):
        near = min(reach, place)
        first, after = place - near, min(place + near + 1, len(losses))
        means.append((sums[after] - sums[first]) / (after - first))
    return means
