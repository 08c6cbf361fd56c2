"""Leaves and the tree over them: who computes a leaf, and when, cannot matter.

A global batch is cut in leaves of a fixed number of sequences. A leaf's loss and gradient are computed alone; leaves
are then combined by the aligned binary tree over the leaf index, odd nodes passing through (rule 9):

    leaf        0    1    2    3    4
                 \\  /      \\  /     |
                  +         +      |
                    \\     /        |
                       +           |
                         \\        /
                             +
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from torch import Tensor

from glasswright.model import ops
from glasswright.model.guard import ExactArithmetic

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class LeafSum:
    """The summed losses of some leaves' tokens in nats, and the gradient of the scaled sum."""

    loss: Tensor  # (1,)
    gradients: tuple[Tensor, ...]

    def add(self, other: "LeafSum") -> "LeafSum":
        """self + other, in self's memory."""
        ops.add_into((self.loss, *self.gradients), (other.loss, *other.gradients))
        return self


def combine(leaves: Iterable[R], add: Callable[[R, R], R]) -> R:
    """Add up leaves in the aligned binary tree, holding at most log2(n) + 1 partial sums.

    Raises:  ValueError if there are no leaves.
    """
    stack: list[tuple[int, R]] = []  # (number of leaves, sum) of complete subtrees, largest first
    for leaf in leaves:
        size, total = 1, leaf
        while stack and stack[-1][0] == size:
            total = add(stack.pop()[1], total)
            size *= 2
        stack.append((size, total))
    if not stack:
        raise ValueError("a batch has at least one leaf")
    total = stack.pop()[1]
    while stack:
        total = add(stack.pop()[1], total)
    return total


class LeafWorkers(Generic[T, R]):
    """Computes leaves, one or several at a time, and gives the results in the order of the leaves.

    `num_threads` kernel threads are shared out among `at_once` leaves; neither number can change a bit.
    """

    def __init__(self, compute: Callable[[T], R], *, at_once: int, num_threads: int):
        self.compute, self.at_once = compute, at_once
        self.num_threads = num_threads
        threads_each = max(1, num_threads // at_once)
        self._pool = (
            ThreadPoolExecutor(at_once, "leaf", initializer=ops.kernel.set_num_threads, initargs=(threads_each,))
            if at_once > 1
            else None
        )

    def results(self, leaves: Iterable[T]) -> Iterator[R]:
        """compute(leaf) for each leaf, in order; at most `at_once` are under way or waiting to be taken."""
        if self._pool is None:
            yield from map(self._guarded, leaves)
            return
        source = iter(leaves)
        waiting: list[Future[R]] = [self._pool.submit(self._guarded, leaf) for leaf in islice(source, self.at_once)]
        while waiting:
            result = waiting.pop(0).result()
            waiting += [self._pool.submit(self._guarded, leaf) for leaf in islice(source, 1)]
            yield result

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _guarded(self, leaf: T) -> R:
        with ExactArithmetic():  # type: ignore[no-untyped-call]
            # per thread: torch keeps its modes thread-local
            return self.compute(leaf)
