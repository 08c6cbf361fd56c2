"""Kernels of integers: an order, or random bits. They make data where Python runs, whatever computes on tensors."""

from typing import Any

import numpy as np

from glasswright.kernels import active

KERNELS: list[str] = []  # they are defined in philox.py

Integers = np.ndarray[Any, np.dtype[np.int64]]


def permutation(seed: int, purpose: int, epoch: int, num_items: int) -> Integers:
    """The items 0 ... num_items - 1 in a seeded order (see philox.py)."""
    found: Integers = active().permutation(seed, purpose, epoch, num_items)
    return found


def random_word(seed: int, purpose: int, step: int) -> int:
    """32 random bits: the first word of the stream of (seed, purpose, step)."""
    word_14 = np.empty((1, 4), np.uint32)
    active().philox(seed % 2**32, purpose, 0, 0, step, seed // 2**32, word_14)
    return int(word_14[0, 0])
