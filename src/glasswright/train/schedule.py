"""Every value that changes from step to step, computed once in exact arithmetic and kept as bit patterns.

    factor       step / warmup_steps                                  while step <= warmup_steps
                 1                                                    then
                 final + (1 - final) * (steps left) / decay_steps     in the last decay_steps, down to final

    learning rates       factor * the recipe's
    bias corrections     1 - beta ** step            (Kingma and Ba 2015, algorithm 1)

The last step's factor is `final_factor` plus one part of the decay, so that no step is wasted on a rate of zero.
"""

from decimal import Decimal, localcontext
from fractions import Fraction

from glasswright.kernels.rounding import PRECISION, nearest_binary32
from glasswright.records.canonical import float_bits
from glasswright.records.recipe import Schedule as ScheduleRecipe
from glasswright.records.recipe import Train
from glasswright.records.transcript import Schedule

COLUMNS = ("adamw_learning_rate", "muon_learning_rate", "bias_correction1", "bias_correction2")


def schedule_table(train: Train) -> Schedule:
    """The table for a recipe: one row of bit patterns per step."""
    optimizer = train.optimizer
    rows = []
    for step in range(1, train.num_steps + 1):
        factor = schedule_factor(train.schedule, step, train.num_steps)
        values = (
            factor * Fraction(optimizer.learning_rate),
            factor * Fraction(optimizer.muon_learning_rate),
            bias_correction(optimizer.beta1, step),
            bias_correction(optimizer.beta2, step),
        )
        rows.append(tuple(float_bits(nearest_binary32(value)) for value in values))
    return Schedule(columns=COLUMNS, rows=tuple(rows))


def schedule_factor(schedule: ScheduleRecipe, step: int, num_steps: int) -> Fraction:
    """The factor on every learning rate at `step`, which counts from 1."""
    if step <= schedule.warmup_steps:
        return Fraction(step, schedule.warmup_steps)
    num_left = num_steps - step + 1
    if num_left <= schedule.decay_steps:
        final = Fraction(schedule.final_factor)
        return final + (1 - final) * Fraction(num_left, schedule.decay_steps + 1)
    return Fraction(1)


def bias_correction(beta: Decimal, step: int) -> Decimal:
    """1 - beta ** step to PRECISION digits."""
    with localcontext() as context:
        context.prec = PRECISION
        return 1 - beta**step
