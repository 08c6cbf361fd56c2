"""Rows of every length at the edges of the number line: what a row lacks is left alone, and takes part in nothing.

A vector that reads absent elements as +0 and adds their product to a sum turns a lane of -0, which underflowed negative
products leave behind, into +0; and a lane into NaN where the zero is multiplied by an infinity on its way.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.kernels.cases import CASES, SMALL, Draw, blank

from glasswright.kernels import definitions, sums

LENGTHS = range(1, 134)  # every tail of every vector, and more than two rounds of the 64 lanes


def agree_at_every_length(twins: Any, name: str, seed: int = 0) -> bool:
    return all(twins.agree(name, *CASES[name](Draw(seed, n), n), threads=(1,), offset=n % 4) for n in LENGTHS)


def test_every_kernel_is_here():
    assert set(CASES) == set(vars(definitions())) - {"set_num_threads"}


@pytest.mark.parametrize("name", CASES)
def test_twins_are_bit_equal_at_every_length_and_at_the_edges_of_numbers(twins, name):
    assert agree_at_every_length(twins, name)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
@pytest.mark.parametrize("name", CASES)
def test_so_they_are_with_other_numbers(twins, name, seed):
    assert agree_at_every_length(twins, name, seed)


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
