"""Intervals against figures worked out elsewhere, and their corners."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.evaluate.estimate import Estimate, Value, estimate, interval_of_mean, interval_of_share, rounded

POINTS = st.lists(st.tuples(st.integers(0, 4), st.integers(-9, 9), st.integers(1, 5)), min_size=1, max_size=30)


def share(*groups: tuple[int, int]) -> Estimate:
    """Of clusters, each (items right, items)."""
    return estimate([Value(str(n), Fraction(i < right)) for n, (right, of) in enumerate(groups) for i in range(of)])


def test_wilson_s_interval_of_independent_items() -> None:
    """81 of 263, of table I of Newcombe 1998 (Statistics in Medicine 17): 0.2553 to 0.3662."""
    low, high = interval_of_share(share(*[(1, 1)] * 81, *[(0, 1)] * (263 - 81)))
    assert (round(low, 4), round(high, 4)) == (Decimal("0.2553"), Decimal("0.3662"))


def test_where_all_are_right_or_none_the_interval_has_a_width() -> None:
    assert interval_of_share(share(*[(0, 1)] * 10))[0] == 0
    assert rounded(interval_of_share(share(*[(0, 1)] * 10))[1]) == "0.277533"  # z^2 / (10 + z^2)
    assert rounded(interval_of_share(share(*[(1, 1)] * 10))[0]) == "0.722467"
    assert interval_of_share(share(*[(1, 4)] * 10)) == interval_of_share(share(*[(1, 1)] * 10, *[(0, 1)] * 30))


def test_items_that_go_together_count_for_less() -> None:
    together, apart = share(*[(4, 4)] * 5, *[(0, 4)] * 5), share(*[(2, 4)] * 10)
    assert together.mean == apart.mean
    width = [high - low for low, high in map(interval_of_share, (together, apart))]
    assert width[0] > Decimal("1.5") * width[1]


@given(POINTS)
def test_the_error_is_that_of_clustered_sampling(points: list[tuple[int, int, int]]) -> None:
    found = estimate([Value(str(c), Fraction(v), Fraction(w)) for c, v, w in points])
    c, v, w = (np.array(column, float) for column in zip(*points, strict=True))
    mean = v.sum() / w.sum()
    clusters = np.unique(c)
    assert float(found.mean) == pytest.approx(mean)
    if len(clusters) < 2:
        assert found.error_squared is None
        assert interval_of_mean(found) is interval_of_share(found) is None
        return
    sums = np.array([(v - mean * w)[c == one].sum() for one in clusters])
    expected = (sums**2).sum() / w.sum() ** 2 * len(clusters) / (len(clusters) - 1)
    assert float(found.error_squared) == pytest.approx(expected, abs=1e-12)
    low, high = interval_of_mean(found)
    assert float(high - low) == pytest.approx(2 * 1.959964 * expected**0.5, abs=1e-9)


@given(POINTS)
def test_an_order_changes_nothing(points: list[tuple[int, int, int]]) -> None:
    values = [Value(str(c), Fraction(v, 7), Fraction(w)) for c, v, w in points]
    assert estimate(values) == estimate(values[::-1])


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="at least one"):
        estimate([])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(1, 3), "0.333333"),
        (Fraction(5, 10**7), "0.000000"),  # to even
        (Fraction(15, 10**7), "0.000002"),
        (Fraction(-1, 3), "-0.333333"),
        (Decimal(10) ** 80, "1.000000e+80"),
    ],
)
def test_a_figure_has_six_places(value: Fraction, shown: str) -> None:
    assert rounded(value) == shown
