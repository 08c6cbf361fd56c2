"""The aligned binary tree over ordered leaves: one shape, whoever computes which part of it, and when.

    leaf        0    1    2    3    4    5    6
                 \\  /      \\  /      \\  /     |
                  +         +         +      |
                    \\     /            \\    /
                       +                 +
                          \\            /
                                +

A complete subtree holds 2^k leaves and begins at a multiple of 2^k. What is left on the right passes through: the left
subtree of n leaves holds the largest power of two below n (so Merkle trees are shaped, RFC 9162, section 2.1).

Whoever holds leaves first to last - 1 sends the sums of the complete subtrees among them, `cover(first, last)`; put in
the order of their leaves, `combine_subtrees` ends in the same tree, however the leaves were shared out.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

R = TypeVar("R")


def combine(leaves: Iterable[R], join: Callable[[R, R], R]) -> R:
    """join(left, right) over the whole tree, in one pass, holding at most log2(n) + 1 partial results.

    Raises:  ValueError if there are no leaves.
    """
    return combine_subtrees(((1, leaf) for leaf in leaves), join)


def combine_subtrees(subtrees: Iterable[tuple[int, R]], join: Callable[[R, R], R]) -> R:
    """The same from complete subtrees, (number of leaves, result), in the order of their leaves.

    Raises:  ValueError if there are none, or if one does not stand where a complete subtree of its size can.
    """
    stack: list[tuple[int, R]] = []  # what is not joined yet, largest first
    num_leaves = 0
    for size, result in subtrees:
        if size < 1 or size & (size - 1) or num_leaves % size:
            raise ValueError(f"no complete subtree of {size} leaves begins at leaf {num_leaves}")
        num_leaves += size
        while stack and stack[-1][0] == size:
            size, result = 2 * size, join(stack.pop()[1], result)
        stack.append((size, result))
    if not stack:
        raise ValueError("a tree has at least one leaf")
    _, total = stack.pop()
    while stack:
        total = join(stack.pop()[1], total)
    return total


def cover(first: int, last: int) -> list[range]:
    """The fewest complete subtrees that hold leaves first to last - 1, each as the range of its leaves, in order."""
    found = []
    while first < last:
        aligned = first & -first or last  # the largest subtree that may begin here
        fitting = 1 << ((last - first).bit_length() - 1)  # the largest that ends by last
        found.append(range(first, first + min(aligned, fitting)))
        first = found[-1].stop
    return found
