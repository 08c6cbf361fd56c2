"""The tree over leaves: one order, whoever computes."""

import pytest

from glasswright.train.leaves import combine
from glasswright.train.workers import Workers


@pytest.mark.parametrize(
    ("num_leaves", "expected"),
    [
        (1, "0"),
        (2, "(0+1)"),
        (3, "((0+1)+2)"),
        (5, "(((0+1)+(2+3))+4)"),
        (6, "(((0+1)+(2+3))+(4+5))"),
        (7, "(((0+1)+(2+3))+((4+5)+6))"),
        (8, "(((0+1)+(2+3))+((4+5)+(6+7)))"),
    ],
)
def test_leaves_meet_in_the_aligned_tree(num_leaves: int, expected: str) -> None:
    assert combine(map(str, range(num_leaves)), lambda a, b: f"({a}+{b})") == expected


def test_a_batch_without_leaves_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        combine([], max)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_results_come_in_the_order_of_the_leaves(at_once: int) -> None:
    workers = Workers(at_once=at_once, num_threads=at_once)
    assert list(workers.results(lambda leaf: leaf * 10, range(7))) == [leaf * 10 for leaf in range(7)]
    workers.close()


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_failing_leaf_fails_the_step(at_once: int) -> None:
    workers = Workers(at_once=at_once, num_threads=1)
    with pytest.raises(ZeroDivisionError):
        list(workers.results(lambda leaf: 1 // leaf, [1, 0, 1]))
    workers.close()
