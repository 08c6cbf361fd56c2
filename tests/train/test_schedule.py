"""The schedule table: the right values, rounded once."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels.rounding import nearest_binary32
from glasswright.records.canonical import float_from_bits
from glasswright.records.recipe import Schedule, Train
from glasswright.train.schedule import bias_correction, schedule_factor, schedule_table


@given(st.fractions())
def test_a_rational_is_rounded_to_the_nearest_binary32(value: Fraction) -> None:
    rounded = np.float32(nearest_binary32(value))
    for direction in (-np.inf, np.inf):
        neighbour = np.nextafter(rounded, np.float32(direction))
        assert abs(Fraction(float(rounded)) - value) <= abs(Fraction(float(neighbour)) - value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(2**24 + 1), 2.0**24),  # a tie goes to the even neighbour
        (Fraction(2**24 + 3), 2.0**24 + 4),
        (Fraction(1, 2**149), 2.0**-149),  # the least subnormal
        (Fraction(1, 2**150), 0.0),
        (Fraction(3, 2**150), 2.0**-148),
        (-Fraction(1, 10), float(np.float32(-0.1))),
    ],
)
def test_ties_and_subnormals_round_as_ieee_says(value: Fraction, expected: float) -> None:
    assert nearest_binary32(value) == expected


def test_rounding_twice_through_binary64_would_be_wrong() -> None:
    value = 1 + Fraction(1, 2**24) + Fraction(1, 2**80)  # just above a tie: binary64 loses the excess
    assert nearest_binary32(value) == 1 + 2.0**-23
    assert float(np.float32(float(value))) == 1.0


def test_what_is_beyond_binary32_is_an_error() -> None:
    with pytest.raises(ValueError, match="beyond binary32"):
        nearest_binary32(2**128)


def test_the_factor_rises_stays_and_falls() -> None:
    schedule = Schedule(warmup_steps=4, decay_steps=3, final_factor=Decimal("0.2"))
    factors = [schedule_factor(schedule, step, 10) for step in range(1, 11)]
    assert factors[:4] == [Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), 1]
    assert factors[4:7] == [1, 1, 1]
    assert factors[7:] == [Fraction(4, 5), Fraction(3, 5), Fraction(2, 5)]


def test_without_warmup_and_decay_the_factor_is_one() -> None:
    schedule = Schedule(warmup_steps=0, decay_steps=0)
    assert {schedule_factor(schedule, step, 5) for step in range(1, 6)} == {1}


def test_the_table_has_a_row_per_step_and_exact_bias_corrections() -> None:
    train = Train(num_steps=3, schedule=Schedule(warmup_steps=1, decay_steps=1))
    table = schedule_table(train)
    assert len(table.rows) == 3
    column = table.columns.index("bias_correction1")
    assert [float_from_bits(row[column]) for row in table.rows] == [
        nearest_binary32(1 - Fraction(9, 10) ** step) for step in (1, 2, 3)
    ]


def test_a_late_bias_correction_has_all_its_digits() -> None:
    exact = 1 - Fraction(999, 1000) ** 20_000
    assert nearest_binary32(bias_correction(Decimal("0.999"), 20_000)) == nearest_binary32(exact)
