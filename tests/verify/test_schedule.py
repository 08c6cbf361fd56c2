"""The schedule from the recipe alone: the same as the trainer's, by other arithmetic."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glasswright.errors import ClaimFalse
from glasswright.records.recipe import Optimizer, Schedule, Train
from glasswright.train.schedule import COLUMNS as TRAINED
from glasswright.train.schedule import schedule_table
from glasswright.verify import schedule
from glasswright.verify.binary32 import INFINITY, nearest_bits
from glasswright.verify.schedule import COLUMNS, expected_rows


def digits(*, below_one: bool) -> st.SearchStrategy[Decimal]:
    """Decimals as a recipe has them: short ones, long ones, tiny ones, and those near the ends."""
    places = st.integers(min_value=1, max_value=60)
    most = 10**28 - 1
    made = st.builds(lambda n, p: Decimal(n).scaleb(-p), st.integers(0, most), places)
    if not below_one:
        return st.one_of(made, made.map(lambda d: d.scaleb(20)), st.just(Decimal("1e-45"))).filter(
            lambda d: 0 < d < Decimal("1e30")
        )
    near_one = st.integers(1, 28).map(lambda p: 1 - Decimal(1).scaleb(-p))
    dyadic = st.integers(1, 25).map(lambda p: Decimal(1) / 2**p)
    usual = st.sampled_from(["0", "0.5", "0.9", "0.95", "0.999", "0.25", "0.75"]).map(Decimal)
    return st.one_of(usual, dyadic, near_one, made.filter(lambda d: d < 1))


@st.composite
def trains(draw: st.DrawFn) -> Train:
    num_steps = draw(st.integers(1, 60))
    warmup = draw(st.integers(0, num_steps))
    return Train(
        num_steps=num_steps,
        schedule=Schedule(
            warmup_steps=warmup,
            decay_steps=draw(st.integers(0, num_steps - warmup)),
            final_factor=draw(digits(below_one=True)),
        ),
        optimizer=Optimizer(
            learning_rate=draw(digits(below_one=False)),
            muon_learning_rate=draw(digits(below_one=False)),
            beta1=draw(digits(below_one=True)),
            beta2=draw(digits(below_one=True)),
        ),
    )


@settings(max_examples=150)
@given(trains())
def test_the_schedule_is_the_one_that_is_trained_by(train: Train) -> None:
    assert expected_rows(train, 1, train.num_steps) == schedule_table(train).rows
    assert COLUMNS == TRAINED


def test_a_part_of_a_long_schedule_is_the_same_part() -> None:
    train = Train(num_steps=20_000, schedule=Schedule(warmup_steps=0, decay_steps=3, final_factor=Decimal("0.1")))
    train = train.model_copy(update={"optimizer": Optimizer(beta2=Decimal("0.9999"))})
    whole = schedule_table(train).rows
    assert expected_rows(train, 16_385, 3_616) == whole[16_384:]
    assert expected_rows(train, 4_097, 4_096) == whole[4_096:8_192]


def exact(bits: int) -> Fraction:
    return Fraction(float(np.uint32(bits).view(np.float32)))


@given(st.integers(0, 2**160), st.integers(1, 2**160))
def test_a_ratio_is_rounded_to_the_nearest_binary32(numerator: int, denominator: int) -> None:
    value, bits = Fraction(numerator, denominator), nearest_bits(numerator, denominator)
    if bits == INFINITY:
        assert value >= 2**128 - 2**103
        return
    for neighbour in {max(bits - 1, 0), min(bits + 1, INFINITY - 1)} - {bits}:
        here, there = abs(exact(bits) - value), abs(exact(neighbour) - value)
        assert here < there or (here == there and bits % 2 == 0)


@given(st.integers(0, INFINITY - 2))
def test_the_middle_of_two_neighbours_goes_to_the_even_one(bits: int) -> None:
    middle = (exact(bits) + exact(bits + 1)) / 2
    assert nearest_bits(*middle.as_integer_ratio()) == bits + bits % 2


def test_where_the_digits_do_not_decide_the_exact_power_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 30 bits the interval cannot tell on which side of a tie a power is."""
    monkeypatch.setattr(schedule, "_BITS", 30)
    monkeypatch.setattr(schedule, "_ONE", 2**30)
    train = Train(num_steps=60, schedule=Schedule(warmup_steps=0, decay_steps=0))
    assert expected_rows(train, 1, 60) == schedule_table(train).rows


def test_a_rate_beyond_binary32_is_refused_by_name() -> None:
    train = Train(
        num_steps=1,
        schedule=Schedule(warmup_steps=0, decay_steps=0),
        optimizer=Optimizer(muon_learning_rate=Decimal("1e39")),
    )
    with pytest.raises(ClaimFalse, match="muon_learning_rate: step 1: 1E\\+39 is beyond binary32"):
        expected_rows(train, 1, 1)
