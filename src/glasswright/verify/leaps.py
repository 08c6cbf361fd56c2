"""What no training of the recipe can have done, seen in the states that a release carries.

Each state      every number finite; moments within what averages of clipped gradients reach, second ones not negative;
                so that those of step 0 are zero
Two states      second moments shrink no faster than beta2, and no moment and no parameter moves farther than the
                gradients' norms and the learning rates of the steps between let it: see bounds.py

Only `replay` shows that a state is the right one; this shows at the cost of a look at each number that a wrong one is
not far off, or that two states do not belong together.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from glasswright import kernels
from glasswright.records.decoder import DECAYED, muon_s
from glasswright.records.recipe import Recipe
from glasswright.verify.bounds import Bounds, Reach
from glasswright.verify.state import FIRST_MOMENT, MOMENTUM, PARAMETER, SECOND_MOMENT, layout_of

Numbers: TypeAlias = "memoryview[float]"  # a tensor's, or a stretch of them


class State:
    """What the numbers of the state after `step` steps can be."""

    def __init__(self, recipe: Recipe, step: int):
        bounds = Bounds(recipe)
        self.step = step
        self.largest = {
            PARAMETER: math.inf,
            FIRST_MOMENT: bounds.first_moment(step),
            SECOND_MOMENT: bounds.second_moment(step),
            MOMENTUM: bounds.muon_momentum(step),
        }

    def wrong(self, name: str, numbers: Numbers) -> tuple[int, str] | None:
        """The index of a number that training cannot reach, and what is wrong with it.

        name:  of those of `state.expected_state`
        """
        looks = kernels.looking()
        prefix = next(prefix for prefix in self.largest if name.startswith(prefix))
        if (index := looks.first_not_finite(numbers)) >= 0:
            return index, f"{numbers[index]} is not finite"
        largest = self.largest[prefix]
        if (index := looks.first_above(numbers, largest)) >= 0:
            return index, f"{numbers[index]}: after {self.step} steps at most {largest} in size"
        if prefix == SECOND_MOMENT and (index := looks.first_shrunk(numbers, numbers, 0.0, 0.0)) >= 0:
            return index, f"{numbers[index]} is negative: an average of squares is not"
        return None


class Leap:
    """How training can have led from one state to another."""

    def __init__(self, recipe: Recipe, vocab_size: int, first: int, gradients: Sequence[float]):
        """first:      the number of steps after which the state before was
        gradients:  of each step from there on, bounds.largest_gradient
        """
        bounds, last = Bounds(recipe), first + len(gradients)
        self.told = f"from step {first} to {last}"
        self.least_second_moment = bounds.least_second_moment(len(gradients))
        self.reaches = dict(_reaches(recipe, bounds, vocab_size, range(first + 1, last + 1), gradients))

    def wrong(self, name: str, old: Numbers, new: Numbers) -> tuple[int, str] | None:
        """The index of a number that training cannot have led to, and what is wrong with it.

        old, new:  the same stretch of the tensor before and after, each as it can be by itself
        """
        looks, reach = kernels.looking(), self.reaches[name]
        most = reach.most(_size(old))
        if most < math.inf and (index := looks.first_moved(old, new, reach.factor, most)) >= 0:
            far = f"{self.told} it comes within {most} of {reach.factor} times that"
            return index, f"{old[index]} before, {new[index]} now: {far}"
        factor, slack = self.least_second_moment
        if name.startswith(SECOND_MOMENT) and (index := looks.first_shrunk(old, new, factor, slack)) >= 0:
            return index, f"{old[index]} before, {new[index]} now: {self.told} {factor} of it is left"
        return None


def _reaches(
    recipe: Recipe, bounds: Bounds, vocab_size: int, steps: range, gradients: Sequence[float]
) -> Iterator[tuple[str, Reach]]:
    """How far each tensor of a state can come."""
    moments = {
        FIRST_MOMENT: bounds.first_moment_reach(gradients),
        SECOND_MOMENT: bounds.second_moment_reach(gradients),
        MOMENTUM: bounds.muon_momentum_reach(gradients),
    }
    by_adamw = {has_decay: bounds.adamw_reach(steps, has_decay=has_decay) for has_decay in (False, True)}
    by_muon: dict[int, Reach] = {}
    layout = layout_of(recipe, vocab_size)
    moved_by_muon = muon_s(recipe.train.optimizer, layout)
    for it in layout:
        if it.name in moved_by_muon:
            if max(it.shape) not in by_muon:
                by_muon[max(it.shape)] = bounds.muon_reach(steps, max(it.shape))
            yield PARAMETER + it.name, by_muon[max(it.shape)]
            yield MOMENTUM + it.name, moments[MOMENTUM]
        else:
            yield PARAMETER + it.name, by_adamw[it.role in DECAYED]
            yield FIRST_MOMENT + it.name, moments[FIRST_MOMENT]
            yield SECOND_MOMENT + it.name, moments[SECOND_MOMENT]


def _size(numbers: Numbers) -> float:
    """No less than the largest number's size, and less than five times it."""
    looks, size = kernels.looking(), 0.0
    while size < math.inf and (index := looks.first_above(numbers, size)) >= 0:
        size = 4 * abs(numbers[index])
    return size
