"""One tree, whoever holds which leaves."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.tree import combine, combine_subtrees, cover


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


def test_a_tree_without_leaves_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        combine([], max)


@st.composite
def shared_out(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A number of leaves, and where the holders' parts begin and end: some hold nothing."""
    num_leaves = draw(st.integers(1, 70))
    cuts = draw(st.lists(st.integers(0, num_leaves), max_size=6))
    return num_leaves, [0, *sorted(cuts), num_leaves]


def add(a: np.float32, b: np.float32) -> np.float32:
    return np.float32(a + b)


def numbers(num_leaves: int) -> list[np.float32]:
    """Leaves of all magnitudes and signs, so that another order of addition rounds otherwise."""
    rng = np.random.default_rng(num_leaves)
    return list((rng.standard_normal(num_leaves) * 2.0 ** rng.integers(-12, 12, num_leaves)).astype(np.float32))


def sums(leaves: Sequence[np.float32], first: int, last: int) -> list[tuple[int, np.float32]]:
    """What the holder of these leaves sends."""
    return [(len(part), combine([leaves[i] for i in part], add)) for part in cover(first, last)]


@given(shared_out())
def test_however_the_leaves_are_shared_out_the_sum_has_the_same_bits(shared: tuple[int, list[int]]) -> None:
    num_leaves, cuts = shared
    leaves = numbers(num_leaves)
    sent = [part for first, last in pairwise(cuts) for part in sums(leaves, first, last)]
    assert combine_subtrees(sent, add).tobytes() == combine(leaves, add).tobytes()


def test_a_sum_of_unaligned_parts_has_other_bits() -> None:
    """The sabotage: each holder adds up all of its leaves by itself, and the holders' sums are added."""

    def unaligned(leaves: list[np.float32]) -> np.float32:
        return combine([combine(leaves[:7], add), combine(leaves[7:19], add), combine(leaves[19:], add)], add)

    cases = [numbers(num_leaves) for num_leaves in range(20, 70)]
    assert sum(unaligned(leaves) != combine(leaves, add) for leaves in cases) > 10
    assert sum(combine(leaves[::-1], add) != combine(leaves, add) for leaves in cases) > 10


@given(shared_out())
def test_a_cover_is_complete_subtrees_and_no_two_of_them_are_halves_of_one(shared: tuple[int, list[int]]) -> None:
    _, cuts = shared
    for first, last in pairwise(cuts):
        parts = cover(first, last)
        assert [leaf for part in parts for leaf in part] == list(range(first, last))
        assert all(part.start % len(part) == 0 and len(part).bit_count() == 1 for part in parts)
        halves = [(a, b) for a, b in pairwise(parts) if len(a) == len(b)]
        assert all(a.start % (2 * len(a)) for a, _ in halves)


@pytest.mark.parametrize("sizes", [[1, 2], [3], [2, 1, 2], [0], [4, 8]])
def test_what_is_no_complete_subtree_is_refused(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="no complete subtree of"):
        combine_subtrees([(size, 0) for size in sizes], max)
