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

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from torch import Tensor

from glasswright.model import ops

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
