"""Who computes a leaf, and when, cannot matter."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pytest
import torch

from glasswright.kernels import backends
from glasswright.train.leaves import LeafSum
from glasswright.train.team import Alone, batch_sum
from glasswright.train.threads import Threads
from glasswright.tree import combine_subtrees, cover

CPU = backends.on("cpu")


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_results_come_in_the_order_of_the_pieces(at_once: int) -> None:
    threads = Threads(CPU, at_once=at_once, num_threads=at_once)
    assert list(threads.results(lambda piece: piece * 10, range(7))) == [piece * 10 for piece in range(7)]
    threads.close()


@pytest.mark.parametrize("at_once", [1, 2])
def test_pieces_are_computed_by_the_numerics_that_the_caller_follows(at_once: int) -> None:
    threads = Threads(CPU, at_once=at_once, num_threads=1)
    with backends.following(2):
        found = list(threads.results(lambda _: backends.on("cpu"), range(4)))
        assert set(found) == {backends.on("cpu")} != {CPU}
    threads.close()


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_failing_piece_fails_the_step(at_once: int) -> None:
    threads = Threads(CPU, at_once=at_once, num_threads=1)
    with pytest.raises(ZeroDivisionError):
        list(threads.results(lambda piece: 1 // piece, [1, 0, 1]))
    threads.close()


def leaf(index: int) -> LeafSum:
    """Numbers of all sizes, so that another order of addition rounds otherwise."""
    rng = np.random.default_rng(index)
    gradient = (rng.standard_normal(40) * 2.0 ** rng.integers(-12, 12, 40)).astype(np.float32)
    return LeafSum(torch.tensor([float(index)]), (torch.from_numpy(gradient),))


def bits(total: LeafSum) -> list[bytes]:
    return [tensor.numpy().tobytes() for tensor in (total.loss, *total.gradients)]


def alone(leaves_at_once: int = 1) -> Alone:
    return Alone(CPU, leaves_at_once=leaves_at_once, num_threads=1)


class Member:
    """One of several machines: holds some leaves, and hears of the others' sums."""

    def __init__(self, mine: range, others: Mapping[range, LeafSum]):
        self.held, self.others = mine, others

    def mine(self, num_leaves: int) -> Sequence[range]:  # noqa: ARG002
        return cover(self.held.start, self.held.stop)

    def results(self, compute, pieces: Iterable):
        return map(compute, pieces)

    def finish(self, parts: Mapping[range, LeafSum]) -> LeafSum:
        everything = sorted({**parts, **self.others}.items(), key=lambda item: item[0].start)
        return combine_subtrees(((len(part), total) for part, total in everything), LeafSum.add)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("num_leaves", [1, 2, 3, 6, 7, 13])
def test_a_team_of_several_ends_in_the_bits_of_one(num_leaves: int) -> None:
    expected = bits(batch_sum(alone(), num_leaves, leaf))
    for cut in range(num_leaves + 1):
        others: dict[range, LeafSum] = {}
        for part in cover(cut, num_leaves):
            others[part] = combine_subtrees(((1, leaf(index)) for index in part), LeafSum.add)
        assert bits(batch_sum(Member(range(cut), others), num_leaves, leaf)) == expected


def test_a_member_that_adds_its_leaves_by_itself_is_seen() -> None:
    """The sabotage: the sum over leaves 0 to 2 and that over 3 to 6, added."""
    total = batch_sum(alone(), 3, leaf)
    rest = LeafSum.add(LeafSum.add(leaf(3), leaf(4)), LeafSum.add(leaf(5), leaf(6)))
    assert bits(total.add(rest)) != bits(batch_sum(alone(), 7, leaf))


@pytest.mark.parametrize("leaves_at_once", [2, 3, 5])
def test_leaves_at_once_change_no_bit(leaves_at_once: int) -> None:
    assert bits(batch_sum(alone(leaves_at_once), 7, leaf)) == bits(batch_sum(alone(), 7, leaf))
