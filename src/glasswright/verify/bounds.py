"""How far an honest optimizer can come in some steps: numbers alone, from the recipe, with every rounding counted.

A moment and a parameter go the same way, x' = factor x + d with |d| <= move, so after some steps

    |x_n - factor_1 ... factor_n x_0|  <=  a sum of the moves, each times the factors after it, and the roundings

    first moment     factor beta1,       move (1 - beta1) G           G: the largest element of the clipped gradient
    second moment    factor beta2,       move (1 - beta2) G^2
    Muon's momentum  factor beta,        move G
    AdamW            factor 1 - rate wd, move rate / correction1 * update
    Muon             factor 1 - rate wd, move rate * 0.2 sqrt(max(rows, columns)) * 5/4 (3/2 by version 2)

An element of a gradient is at most its norm, which the transcript has, and clipped it is clip times that.

AdamW's update is |first| / (sqrt(second / correction2) + epsilon). With g_k the gradient of k steps before, the
inequality of Cauchy and Schwarz gives

    |first|  <=  (1 - beta1) sum beta1^k |g_k|
             <=  sqrt(second) (1 - beta1) / sqrt(1 - beta2) sqrt(sum (beta1^2 / beta2)^k)

which is finite whatever the betas, and useful where beta1^2 < beta2. (Kingma and Ba 2015, section 2.1, have it without
the last root: for a gradient that was zero until now.) And the update is at most the largest |first| / epsilon.

Muon's update is X after five times X -> a X + b (X X^T) X + c (X X^T)^2 X, from singular values of 1 at most. f(s) =
a s + b s^3 + c s^5 is at most 1.2024 on [0, 5/4], at s = 0.5545, so they stay there, and no element of a matrix is
above its largest singular value. Rounding: the error of a product, as a Frobenius norm, is at most 2^-24 times the sum
of those of its partial sums, which for k terms of a chunk is at most |A| |B| sqrt(k); followed through an iteration,
that comes to 0.03 for matrices of 1,024 rows and columns, and 5/4 leaves room for 0.0476. For larger ones the worst
case has no such bound: every rounding of an iteration would have to lean to one side. Real ones are off by 10^-5.

By version 2 of the numerics, whose products are coarser, the worst case has no such bound at any size. No singular
value of hundreds of matrices made to be hard was above 1.21 (benchmarks/muon.py); an element above 3/2 is refused.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from glasswright.records.canonical import float_from_bits
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import StepRecord
from glasswright.verify.binary32 import nearest_bits_of, spelled
from glasswright.verify.schedule import expected_rows

UNIT = 2.0**-24  # the relative error of one rounding
ROUNDINGS = 16 * UNIT  # no line of a kernel has so many
SUBNORMAL = 2.0**-146  # the absolute error of as many below the normal range
ORTHOGONAL = {1: 1.25, 2: 1.5}  # by the version of the numerics
RMS = 0.2

Step = tuple[float, float]  # factor, move


@dataclass(frozen=True, slots=True)
class Reach:
    """After some steps x is within `moved` + `share` |x_0| of `factor` x_0."""

    factor: float
    moved: float
    share: float

    def most(self, size: float) -> float:
        """How far x can be from `factor` x_0, if x_0 is at most `size`; infinity or NaN where nothing is known."""
        return self.moved + self.share * size


def reach(steps: Iterable[Step]) -> Reach:
    """How far the steps can lead.

    What is rounded is at most as large as x and the move; x itself is at most size |x_0| + moved.
    """
    factor, size, share, moved = 1.0, 1.0, 0.0, 0.0
    for each, move in steps:
        rounding = ROUNDINGS * max(1.0, abs(each))
        share = abs(each) * share + rounding * size
        size = (abs(each) + rounding) * size
        moved = (abs(each) + rounding) * moved + (1 + ROUNDINGS) * move + SUBNORMAL
        factor *= each
    return Reach(factor, moved, share)


def largest_gradient(step: StepRecord) -> float:
    """The largest that an element of the step's clipped gradient can be.

    A norm in binary32 is at least each element: a sum that only grows is rounded, and sqrt(x^2) is off by three
    roundings, or by 2^-75 where x^2 is below the normal range.
    """
    norm, clip = float_from_bits(step.gradient_norm), float_from_bits(step.clip)
    return clip * (norm * (1 + ROUNDINGS) + 2.0**-74) + SUBNORMAL


class Bounds:
    """What the recipe's optimizer can do. Numbers are those of binary32, as Python's floats."""

    def __init__(self, recipe: Recipe):
        optimizer = recipe.train.optimizer
        self.train, self.numerics = recipe.train, recipe.numerics
        self.beta1, self.beta2, self.momentum = map(
            _binary32, (optimizer.beta1, optimizer.beta2, optimizer.muon_momentum)
        )
        self.epsilon, self.weight_decay = _binary32(optimizer.epsilon), _binary32(optimizer.weight_decay)
        # A clip below the normal range is off by 2^-150, times a norm below 2^65; a norm itself by 2^-74.
        self.gradient = _binary32(optimizer.gradient_clip) * (1 + ROUNDINGS) + 2.0**-73

    def first_moment(self, step: int) -> float:
        """The largest element of a first moment after `step` steps."""
        return self._average(self.beta1, self.gradient, step)

    def second_moment(self, step: int) -> float:
        """The largest element of a second moment after `step` steps."""
        return self._average(self.beta2, self.gradient**2, step)

    def muon_momentum(self, step: int) -> float:
        """The largest element of a momentum after `step` steps."""
        return (self.gradient * (1 + ROUNDINGS) + SUBNORMAL) * _geometric(self.momentum * (1 + ROUNDINGS), step)

    def first_moment_reach(self, gradients: Sequence[float]) -> Reach:
        return reach((self.beta1, (1 - self.beta1) * gradient) for gradient in gradients)

    def second_moment_reach(self, gradients: Sequence[float]) -> Reach:
        return reach((self.beta2, (1 - self.beta2) * gradient**2) for gradient in gradients)

    def muon_momentum_reach(self, gradients: Sequence[float]) -> Reach:
        return reach((self.momentum, gradient) for gradient in gradients)

    def least_second_moment(self, num_steps: int) -> tuple[float, float]:
        """(factor, slack): a second moment v is at least factor v - slack after so many steps.

        v' is the rounded sum of beta2 v and what is not negative, so at least beta2 v, rounded.
        """
        return (self.beta2 * (1 - 2 * UNIT)) ** num_steps, num_steps * 2.0**-149

    def adamw_reach(self, steps: range, *, has_decay: bool) -> Reach:
        """How far AdamW takes a parameter in `steps`, which count from 1."""
        decay = self.weight_decay if has_decay else 0.0
        return reach(
            (1 - rate * decay, rate / correction1 * self._adamw_update(step, correction2))
            for step, (rate, _, correction1, correction2) in zip(steps, self._rates(steps), strict=True)
        )

    def muon_reach(self, steps: range, longest: int) -> Reach:
        """How far Muon takes a matrix whose longer side is `longest` in `steps`, which count from 1."""
        update = RMS * math.sqrt(longest) * ORTHOGONAL[self.numerics]
        return reach((1 - rate * self.weight_decay, rate * update) for _, rate, _, _ in self._rates(steps))

    def _rates(self, steps: range) -> list[tuple[float, ...]]:
        return [tuple(map(float_from_bits, row)) for row in expected_rows(self.train, steps.start, len(steps))]

    def _average(self, beta: float, most: float, step: int) -> float:
        """The largest that a running average of numbers up to `most` can be, from zero in `step` steps."""
        return ((1 - beta) * most * (1 + ROUNDINGS) + SUBNORMAL) * _geometric(beta * (1 + ROUNDINGS), step)

    def _adamw_update(self, step: int, correction2: float) -> float:
        """The largest |first| / (sqrt(second / correction2) + epsilon) at a step.

        Rounding can make beta1 of the first moment larger and beta2 of the second smaller; below the normal range the
        first is `added` to, and from the second something is `lost`.
        """
        ratio = _over((self.beta1 * (1 + ROUNDINGS)) ** 2, self.beta2 * (1 - ROUNDINGS))
        spread = _over((1 - self.beta1) ** 2, 1 - self.beta2) * _geometric(ratio, step) * (1 + ROUNDINGS)
        lost = SUBNORMAL * _geometric(self.beta2, step)
        added = SUBNORMAL * _geometric(self.beta1 * (1 + ROUNDINGS), step)
        by_moments = math.sqrt(spread * correction2) + _over(math.sqrt(spread * lost) + added, self.epsilon)
        by_epsilon = _over(self.first_moment(step), self.epsilon)
        return min(by_moments, by_epsilon) + SUBNORMAL


def _geometric(ratio: float, count: int) -> float:
    """No less than 1 + ratio + ... + ratio^(count - 1)."""
    if ratio < 1:
        return min(count, 1 / (1 - ratio))
    return count * math.exp(min((count - 1) * math.log(ratio), 700.0)) if count > 1 else count


def _over(above: float, below: float) -> float:
    if below:
        return above / below
    return math.inf if above else 0.0


def _binary32(value: Decimal) -> float:
    return float_from_bits(spelled(nearest_bits_of(value)))
