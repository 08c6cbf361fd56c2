"""Who computes which leaves, and how their sums become the sum over the batch.

A team holds the leaves of a batch in parts that are complete subtrees of the aligned tree (glasswright.tree), so that
whoever computes a part, the sum is finished by the same tree. `Alone` is a team of one machine.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Protocol, TypeVar

from glasswright.kernels.backends import Backend
from glasswright.train.leaves import LeafSum
from glasswright.train.threads import Threads
from glasswright.tree import combine, combine_subtrees, cover

T = TypeVar("T")
R = TypeVar("R")


class Team(Protocol):
    """The machines that train together, as one of them sees it."""

    def mine(self, num_leaves: int) -> Sequence[range]:
        """The leaves this machine computes: complete subtrees, in order."""

    def results(self, compute: Callable[[T], R], pieces: Iterable[T]) -> Iterator[R]:
        """compute(piece) for each piece, in order, on this machine; several may be under way at a time."""

    def finish(self, parts: Mapping[range, LeafSum]) -> LeafSum:
        """The sum over all leaves, the same bits on every machine, from the sums over this machine's parts."""

    def close(self) -> None:
        """End what was started."""


def batch_sum(team: Team, num_leaves: int, leaf: Callable[[int], LeafSum]) -> LeafSum:
    """The sum over leaves 0 to num_leaves - 1. Besides the leaves under way, log2(num_leaves) + 1 sums are held."""
    mine = team.mine(num_leaves)
    sums = team.results(leaf, chain.from_iterable(mine))
    return team.finish({part: combine(islice(sums, len(part)), LeafSum.add) for part in mine})


class Alone:
    """One machine: every leaf is its own, and several are computed at a time."""

    def __init__(self, backend: Backend, *, leaves_at_once: int, num_threads: int):
        self._threads = Threads(backend, at_once=leaves_at_once, num_threads=num_threads)

    def mine(self, num_leaves: int) -> Sequence[range]:
        return cover(0, num_leaves)

    def results(self, compute: Callable[[T], R], pieces: Iterable[T]) -> Iterator[R]:
        return self._threads.results(compute, pieces)

    def finish(self, parts: Mapping[range, LeafSum]) -> LeafSum:
        return combine_subtrees(((len(part), total) for part, total in parts.items()), LeafSum.add)

    def close(self) -> None:
        self._threads.close()
