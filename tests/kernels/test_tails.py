"""Rows of every length at the edges of the number line: what a row lacks is left alone, and takes part in nothing.

A vector that reads absent elements as +0 and adds their product to a sum turns a lane of -0, which underflowed negative
products leave behind, into +0; and a lane into NaN where the zero is multiplied by an infinity on its way.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glasswright.kernels import definitions, sums

LENGTHS = range(1, 134)  # every tail of every vector, and more than two rounds of the 64 lanes
SEEDS = range(2)

SMALLEST = 2.0**-149
SMALL = 2.0**-80  # the product of two rounds to zero
TIE = 2.0**-75  # the product of two lies halfway between zero and the smallest number
HUGE = 2.0**127
PALETTES = [
    [SMALL],
    [-SMALL],
    [1.0],
    [1.0, -1.0],
    [np.inf],
    [0.0, -0.0, SMALL, -SMALL, TIE, -TIE],
    [0.0, -0.0, SMALLEST, -SMALLEST, SMALL, -SMALL, TIE, -TIE, 1.0, -1.0],
    [0.0, -0.0, SMALLEST, -SMALL, TIE, 1.0, -1.0, HUGE, -HUGE, np.inf],
]


class Draw:
    """Arrays whose numbers are drawn from one palette each."""

    def __init__(self, *seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def __call__(self, *shape: int) -> np.ndarray:
        palette = PALETTES[self.rng.integers(len(PALETTES))]
        return self.rng.choice(np.array(palette, np.float32), shape)

    def ids(self, num: int, end: int) -> np.ndarray:
        return self.rng.integers(0, end, num)


def blank(*shape: int) -> np.ndarray:
    return np.full(shape, 7, np.float32)


# Each kernel on rows of n elements, or on n of whatever else its vectors go along.
CASES: dict[str, Callable[[Draw, int], tuple[Any, ...]]] = {
    **{name: lambda x, n: (x(n), blank(n)) for name in ("exp", "log", "sin", "cos", "sigmoid", "tanh")},
    "add": lambda x, n: (x(n), x(n), blank(n)),
    "ordered_sum": lambda x, n: (x(n), blank(1)),
    "sum_of_squares": lambda x, n: (x(n), blank(1)),
    "all_finite": lambda x, n: (x(n),),
    "rmsnorm": lambda x, n: (x(2, n), x(n), float(x(1)[0]), blank(2, n), blank(2)),
    "rmsnorm_backward": lambda x, n: (x(2, n), x(2, n), x(n), x(2), blank(2, n), blank(n)),
    "add_rmsnorm": lambda x, n: (x(2, n), x(2, n), x(n), SMALLEST, blank(2, n), blank(2, n), blank(2)),
    "add_rmsnorm_backward": lambda x, n: (x(2, n), x(2, n), x(2, n), x(n), x(2), blank(2, n), blank(n)),
    "rotary_table": lambda x, n: (x(n), 3, blank(2, n), blank(2, n)),
    "rotary": lambda x, n: (x(2, 2, 2 * n), x(2, n), x(2, n), blank(2, 2, 2 * n)),
    "rotary_backward": lambda x, n: (x(2, 2, 2 * n), x(2, n), x(2, n), blank(2, 2, 2 * n)),
    "swiglu": lambda x, n: (x(2, n), x(2, n), blank(2, n)),
    "swiglu_backward": lambda x, n: (x(2, n), x(2, n), x(2, n), blank(2, n), blank(2, n)),
    "embedding": lambda x, n: (x(3, n), x.ids(5, 3), blank(5, n)),
    "embedding_backward": lambda x, n: (x(5, n), x.ids(5, 3), blank(3, n)),
    "adamw": lambda x, n: (x(n), x(n), x(n), x(n), *(float(y) for y in x(8))),
    "muon": lambda x, n: (x(3, n), x(3, n), x(3, n), *(float(y) for y in x(4))),
    "matmul_nt": lambda x, n: (x(3, n), x(n, n), blank(3, n)),
    "matmul_nn": lambda x, n: (x(n, 3), x(3, n), blank(n, n)),
    "matmul_tn": lambda x, n: (x(n, 3), x(n, n), blank(3, n)),
    "linear_cross_entropy": lambda x, n: (
        x(3, n % 19 + 1), x(n, n % 19 + 1), x.ids(3, n), float(x(1)[0]),
        blank(3), blank(3, n % 19 + 1), blank(n, n % 19 + 1),
    ),
    "linear_cross_entropy_loss": lambda x, n: (x(3, n % 19 + 1), x(n, n % 19 + 1), x.ids(3, n), blank(3)),
    "attention": lambda x, n: (
        x(1, 3, 2, n % 37 + 1), x(1, n + 2, 1, n % 37 + 1), x(1, n + 2, 1, n % 37 + 1), float(x(1)[0]),
        blank(1, 3, 2, n % 37 + 1), blank(1, 2, 3),
    ),
    "attention_backward": lambda x, n: (
        x(1, n % 37 + 1, 2, n), x(1, n % 37 + 1, 2, n), x(1, n % 37 + 1, 1, n), x(1, n % 37 + 1, 1, n),
        x(1, n % 37 + 1, 2, n), x(1, 2, n % 37 + 1), float(x(1)[0]),
        blank(1, n % 37 + 1, 2, n), blank(1, n % 37 + 1, 1, n), blank(1, n % 37 + 1, 1, n),
    ),
    "first_not_below": lambda x, n: (x.ids(n, 50).astype(np.uint32), 49),
    "first_not_finite": lambda x, n: (x(n),),
    "first_above": lambda x, n: (x(n), 1.0),
    "first_shrunk": lambda x, n: (x(n), x(n), 1.0),
    "first_moved": lambda x, n: (x(n), x(n), 1.0, 2.0),
    "philox": lambda _, n: (1, 2, 3, 4, 5, 6, np.zeros((n, 4), np.uint32)),
    "uniform": lambda _, n: (1, 5, 0.25, blank(n)),
    "permutation": lambda _, n: (1, 5, 7, n),
}  # fmt: skip


def agree_at_every_length(twins: Any, name: str) -> bool:
    return all(
        twins.agree(name, *CASES[name](Draw(seed, n), n), threads=(1,), offset=n % 4) for seed in SEEDS for n in LENGTHS
    )


def test_every_kernel_is_here():
    assert set(CASES) == set(vars(definitions())) - {"set_num_threads"}


@pytest.mark.parametrize("name", CASES)
def test_twins_are_bit_equal_at_every_length_and_at_the_edges_of_numbers(twins, name):
    assert agree_at_every_length(twins, name)


# A dot product's lanes end at zero, and the sign of that zero shows; or an absent zero would meet an infinity.

Rmsnorm = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # dout, x, gain, rstd


def underflowed_negative_products(n: int) -> Rmsnorm:
    """Every lane goes from +0 to -0 with its first term and stays there; c is zero, and decides on dx where dout is."""
    dout, x, one = np.full((2, n), -SMALL, np.float32), np.full((2, n), SMALL, np.float32), np.ones(n, np.float32)
    dout[:, 64:] = -0.0
    return dout, x, one, np.ones(2, np.float32)


def an_infinite_rstd(n: int) -> Rmsnorm:
    one = np.ones((2, n), np.float32)
    return one, one, one[0], np.full(2, np.inf, np.float32)


EDGES = [underflowed_negative_products, an_infinite_rstd]


def agree_at_the_edge(twins: Any, edge: Callable[[int], Rmsnorm], name: str) -> bool:
    for n in range(1, 200):
        dout, x, gain, rstd = edge(n)
        dsum = [np.full((2, n), -0.0, np.float32)] if name == "add_rmsnorm_backward" else []
        if not twins.agree(name, *dsum, dout, x, gain, rstd, blank(2, n), blank(n), threads=(1,)):
            return False
    return True


@pytest.mark.parametrize("name", ["rmsnorm_backward", "add_rmsnorm_backward"])
@pytest.mark.parametrize("edge", EDGES)
def test_absent_elements_are_left_alone(twins, edge, name):
    assert agree_at_the_edge(twins, edge, name)


@pytest.mark.parametrize("num_absent", [1, 3, 7, 15])
def test_absent_elements_that_read_as_zero_are_noticed(twins, monkeypatch, num_absent):
    ordinary = sums.dot_rows
    beyond = (0, 0), (0, num_absent)
    monkeypatch.setattr(
        "glasswright.kernels.rmsnorm.dot_rows", lambda a, b: ordinary(np.pad(a, beyond), np.pad(b, beyond))
    )
    assert not agree_at_the_edge(twins, underflowed_negative_products, "rmsnorm_backward")


def test_a_lane_of_underflowed_negative_products_is_negative_zero():
    """So that a page which says otherwise is noticed: all 64 lanes are -0, and so is their sum."""
    small = np.full((1, 69), SMALL, np.float32)
    assert np.signbit(sums.dot_rows(-small, small)[0])
    assert not np.signbit(sums.dot_rows(-small[:, :63], small[:, :63])[0])
