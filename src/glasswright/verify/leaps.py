"""What no training of the recipe can have done, seen in the states that a release carries.

Each state      every number finite; moments within what averages of clipped gradients reach, second ones not negative;
                so that those of step 0 are zero
Two states      second moments shrink no faster than beta2, and no moment and no parameter moves farther than the
                gradients' norms and the learning rates of the steps between let it: see bounds.py

Only `replay` shows that a state is the right one; this shows at the cost of a look at each number that a wrong one is
not far off, or that two states do not belong together.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from glasswright.errors import ClaimFalse
from glasswright.kernels import native
from glasswright.records.recipe import Recipe
from glasswright.verify.bounds import Bounds, Reach
from glasswright.verify.folder import REPLACE
from glasswright.verify.layout import Layout
from glasswright.verify.shape import expected_shapes
from glasswright.verify.state import FIRST_MOMENT, MOMENTUM, PARAMETER, SECOND_MOMENT, is_muon

Tensors = Mapping[str, "memoryview[float]"]  # name -> its numbers as they lie, of format "f"


def tensors_of(data: memoryview, layout: Layout) -> dict[str, "memoryview[float]"]:
    """The tensors of a safetensors file, all of F32, by name: views of its bytes (`memoryview(mmap)` will do)."""
    return {place.name: data[place.begin : place.end].cast("f") for place in layout.places}


def check_numbers(recipe: Recipe, step: int, state: Tensors, where: str) -> None:
    """That the numbers of the state after `step` steps are some that training can reach.

    state:   of the names of `state.expected_state`
    Raises:  ClaimFalse naming `where`, the tensor, the index and the number.
    """
    looks, bounds = native(), Bounds(recipe)
    largest = {
        PARAMETER: math.inf,
        FIRST_MOMENT: bounds.first_moment(step),
        SECOND_MOMENT: bounds.second_moment(step),
        MOMENTUM: bounds.muon_momentum(step),
    }
    for name, numbers in state.items():
        prefix = next(prefix for prefix in largest if name.startswith(prefix))
        if (index := looks.first_not_finite(numbers)) >= 0:
            raise _false(where, name, index, f"{numbers[index]} is not finite")
        if (index := looks.first_above(numbers, largest[prefix])) >= 0:
            raise _false(where, name, index, f"{numbers[index]}: after {step} steps at most {largest[prefix]} in size")
        if prefix == SECOND_MOMENT and (index := looks.first_shrunk(numbers, numbers, 0.0, 0.0)) >= 0:
            raise _false(where, name, index, f"{numbers[index]} is negative: an average of squares is not")


def check_leap(
    recipe: Recipe,
    vocab_size: int,
    first: int,
    gradients: Sequence[float],
    before: Tensors,
    after: Tensors,
    where: str,
) -> None:
    """That training can have led from one state to another.

    first:          the number of steps after which `before` was
    gradients:      of each step from there to `after`, bounds.largest_gradient
    before, after:  of the names of `state.expected_state`, each of which passes `check_numbers`
    Raises:  ClaimFalse naming `where` (of `after`), the tensor, the index, and the numbers before and after.
    """
    bounds, last = Bounds(recipe), first + len(gradients)
    factor, slack = bounds.least_second_moment(len(gradients))
    leap = f"from step {first} to {last}"
    for name, reach in _reaches(recipe, bounds, vocab_size, range(first + 1, last + 1), gradients):
        old, new = before[name], after[name]
        most = reach.most(_size(old))
        if most < math.inf and (index := native().first_moved(old, new, reach.factor, most)) >= 0:
            far = f"{leap} it comes within {most} of {reach.factor} times that"
            raise _false(where, name, index, f"{old[index]} before, {new[index]} now: {far}")
        if name.startswith(SECOND_MOMENT) and (index := native().first_shrunk(old, new, factor, slack)) >= 0:
            raise _false(where, name, index, f"{old[index]} before, {new[index]} now: {leap} {factor} of it is left")


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
    for name, shape in expected_shapes(recipe.model, vocab_size).items():
        if is_muon(name, shape, recipe):
            if max(shape) not in by_muon:
                by_muon[max(shape)] = bounds.muon_reach(steps, max(shape))
            yield PARAMETER + name, by_muon[max(shape)]
            yield MOMENTUM + name, moments[MOMENTUM]
        else:
            yield PARAMETER + name, by_adamw[len(shape) > 1]
            yield FIRST_MOMENT + name, moments[FIRST_MOMENT]
            yield SECOND_MOMENT + name, moments[SECOND_MOMENT]


def _size(numbers: "memoryview[float]") -> float:
    """No less than the largest number's size, and less than five times it."""
    looks, size = native(), 0.0
    while size < math.inf and (index := looks.first_above(numbers, size)) >= 0:
        size = 4 * abs(numbers[index])
    return size


def _false(where: str, name: str, index: int, wrong: str) -> ClaimFalse:
    place: dict[str, int | str] = {"file": where, "tensor": name, "index": index}
    return ClaimFalse(f"{where}: tensor {name}: index {index}: {wrong}", hint=REPLACE, place=place)
