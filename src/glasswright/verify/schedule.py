"""The schedule as it follows from the recipe, in integers: no float, and nothing of what trained.

factor       step / warmup_steps                                              while step <= warmup_steps
             1                                                                then
             final + (1 - final) * (steps left) / (decay_steps + 1)           in the last decay_steps

learning rates       factor * the recipe's                    rounded once to binary32
bias corrections     1 - beta^step                            rounded once to binary32
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from glasswright.errors import ClaimFalse
from glasswright.records.recipe import Schedule, Train
from glasswright.verify.binary32 import INFINITY, nearest_bits, spelled

COLUMNS = ("adamw_learning_rate", "muon_learning_rate", "bias_correction1", "bias_correction2")

# A power of beta is held between two multiples of 2^-256. A product widens that by two of them at most, so after 2^53
# steps the two are 2^-200 apart; a correction is 10^-28 at least, as a decimal of the recipe has 28 digits.
_BITS = 256
_ONE = 1 << _BITS


def expected_rows(train: Train, first: int, count: int) -> tuple[tuple[str, ...], ...]:
    """The rows of steps `first` to `first + count - 1`, which count from 1, as bit patterns in the order of COLUMNS.

    Raises:  ClaimFalse if a learning rate is beyond binary32: nothing can have been trained with it.
    """
    optimizer, steps = train.optimizer, range(first, first + count)
    return tuple(
        zip(
            _rates("learning_rate", optimizer.learning_rate, train, steps),
            _rates("muon_learning_rate", optimizer.muon_learning_rate, train, steps),
            _corrections(optimizer.beta1, steps),
            _corrections(optimizer.beta2, steps),
            strict=True,
        )
    )


def _rates(name: str, rate: Decimal, train: Train, steps: range) -> Iterator[str]:
    numerator, denominator = rate.as_integer_ratio()
    for step in steps:
        above, below = _factor(train.schedule, step, train.num_steps)
        bits = nearest_bits(above * numerator, below * denominator)
        if bits == INFINITY:
            raise ClaimFalse(
                f"recipe.yaml: train.optimizer.{name}: step {step}: {rate} is beyond binary32",
                hint="no build can have used this recipe",
            )
        yield spelled(bits)


def _factor(schedule: Schedule, step: int, num_steps: int) -> tuple[int, int]:
    """Numerator and denominator of the factor on every learning rate."""
    if step <= schedule.warmup_steps:
        return step, schedule.warmup_steps
    num_left = num_steps - step + 1
    if num_left <= schedule.decay_steps:
        final, whole = schedule.final_factor.as_integer_ratio()
        parts = schedule.decay_steps + 1
        return final * parts + (whole - final) * num_left, whole * parts
    return 1, 1


def _corrections(beta: Decimal, steps: range) -> Iterator[str]:
    """1 - beta^step: both ends of the power's interval must round to the same bits, or the power is taken exactly.

    They differ only nearer to the middle of two binary32 values than 2^-200. A decimal of 28 digits has powers in the
    very middle while its powers are short (0.5^25), and comes as near to one by no other way.
    """
    numerator, denominator = beta.as_integer_ratio()
    one = (numerator << _BITS) // denominator, -((-numerator << _BITS) // denominator)
    power = _power(one, steps.start)
    for step in steps:
        least, most = (nearest_bits(_ONE - end, _ONE) for end in reversed(power))
        if least != most:
            least = nearest_bits(*(1 - Fraction(beta) ** step).as_integer_ratio())
        yield spelled(least)
        power = _product(power, one)


def _power(base: tuple[int, int], exponent: int) -> tuple[int, int]:
    power = (_ONE, _ONE)
    for bit in f"{exponent:b}":
        power = _product(power, power)
        if bit == "1":
            power = _product(power, base)
    return power


def _product(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """The interval that holds the product, in units of 2^-256: its lower end rounded down, its upper end up."""
    return (a[0] * b[0]) >> _BITS, -((-a[1] * b[1]) >> _BITS)
