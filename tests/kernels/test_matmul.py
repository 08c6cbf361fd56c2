"""Matrix products: definition and twin have equal bits on every instruction set, for any number of threads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import matmul, native

LAYOUTS = ("nn", "nt", "tn")
# 0, 1, around the tiles of 4, 6 and 14 rows and the panels of 8, 16 and 32 columns, and beyond two panels.
EDGES = (0, 1, 2, 5, 6, 7, 13, 14, 15, 16, 17, 29, 31, 32, 33, 65)


def operands(layout, M, N, K, seed, values=None):
    """(a, b, out), out holding NaN."""
    rng = np.random.default_rng(seed)
    shapes = {"nn": ((M, K), (K, N)), "nt": ((M, K), (N, K)), "tn": ((K, M), (K, N))}[layout]
    draw = rng.standard_normal if values is None else lambda shape: rng.choice(values, shape)
    return *(draw(shape).astype(np.float32) for shape in shapes), np.full((M, N), np.nan, np.float32)


def product(kernels, layout, a, b, out):
    getattr(kernels, f"matmul_{layout}")(a, b, out)
    return out


@given(
    layout=st.sampled_from(LAYOUTS),
    M=st.sampled_from(EDGES),
    N=st.sampled_from(EDGES),
    K=st.sampled_from(EDGES),
    offset=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_twin_is_bit_equal_at_every_edge(twins, layout, M, N, K, offset, seed):
    assert twins.agree(f"matmul_{layout}", *operands(layout, M, N, K, seed), offset=offset)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("K", [511, 512, 513, 1024, 1030])
def test_twin_is_bit_equal_around_whole_chunks(twins, layout, K):
    assert twins.agree(f"matmul_{layout}", *operands(layout, 15, 33, K, seed=K))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_twin_is_bit_equal_in_several_blocks(twins, layout):
    assert twins.agree(f"matmul_{layout}", *operands(layout, 270, 290, 20, seed=1), threads=(1, 2, 3))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_twin_is_bit_equal_at_special_values(twins, specials, layout):
    for values in (specials, specials[:-4], specials[:8]):  # with NaN, finite, tiny
        assert twins.agree(f"matmul_{layout}", *operands(layout, 17, 35, 9, seed=2, values=values))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_twin_is_bit_equal_where_every_sum_is_subnormal(twins, layout):
    a, b, out = operands(layout, 17, 35, 40, seed=3)
    assert twins.agree(f"matmul_{layout}", a * np.float32(1e-20), b * np.float32(1e-20), out)


def test_twin_is_bit_equal_where_a_sum_rounded_twice_would_be_wrong(twins):
    # 1 + 2^-23 + 2^-24 (1 - 2^-40): in binary64 halfway between two binary32 numbers, in truth a little below.
    a = np.array([[1 + 2.0**-23, 1 + 2.0**-20]], np.float32)
    b = np.array([[1], [2.0**-24 * (1 - 2.0**-20)]], np.float32)
    out = np.empty((1, 1), np.float32)
    twice = np.float32(np.float64(a[0, 0]) + np.float64(a[0, 1]) * np.float64(b[1, 0]))
    assert twins.agree("matmul_nn", a, b, out)
    assert product(native(), "nn", a, b, out)[0, 0] == a[0, 0] != twice


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_nan_reaches_exactly_its_row(twins, layout):
    a, b, out = operands(layout, 20, 40, 30, seed=4)
    a[(7, 3) if layout == "tn" else (3, 7)] = np.nan
    for name, kernels in twins.each():
        assert np.array_equal(np.isnan(product(kernels, layout, a, b, out)).any(axis=1), np.arange(20) == 3), name


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sum_of_nothing_is_positive_zero(twins, layout):
    for name, kernels in twins.each():
        assert not product(kernels, layout, *operands(layout, 3, 4, 0, seed=0)).view(np.uint32).any(), name


def test_the_order_is_chunks_of_512_in_ascending_k():
    a, b, out = operands("nn", 1, 1, 1100, seed=5)
    chunks = []
    for first in (0, 512, 1024):
        chain = 0.0
        for x, y in zip(a[0, first : first + 512], b[first : first + 512, 0], strict=True):
            exact = float(x) * float(y) + chain  # rounded twice, which is right for these numbers
            chain = float(np.float32(exact))
        chunks.append(np.float32(chain))
    assert product(native(), "nn", a, b, out)[0, 0] == (chunks[0] + chunks[1]) + chunks[2]


def test_another_chunk_length_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(matmul, "CHUNK", 256)
    assert not twins.agree("matmul_nn", *operands("nn", 5, 6, 600, seed=6))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_ulp_in_one_operand_is_noticed(layout):
    a, b, out = operands(layout, 15, 33, 40, seed=7)
    wanted = product(native(), layout, a, b, out.copy())
    a[-1, -1] = np.nextafter(a[-1, -1], np.float32(9))
    assert not np.array_equal(product(native(), layout, a, b, out), wanted)


def test_another_order_of_terms_is_noticed():
    a, b, out = operands("nn", 15, 33, 40, seed=8)
    wanted = product(native(), "nn", a, b, out.copy())
    order = np.r_[1, 0, 2:40]
    assert not np.array_equal(product(native(), "nn", a[:, order].copy(), b[order].copy(), out), wanted)


def test_error_stays_within_the_documented_bound():
    a, b, out = operands("nn", 20, 30, 1300, seed=9)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    bound = (512 + 1300 / 512) * 2.0**-24 * (abs(a).astype(np.float64) @ abs(b).astype(np.float64))
    assert (abs(product(native(), "nn", a, b, out) - exact) <= bound).all()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_operands_that_do_not_fit_are_refused_by_name(twins, layout):
    a, b, _ = operands(layout, 3, 4, 5, seed=0)
    other_a, _, _ = operands(layout, 3, 4, 6, seed=0)
    for _, kernels in twins.each():
        with pytest.raises(ValueError, match=r"out_MN: expected .*shape \(3, 4\), got .*\(4, 3\)"):
            product(kernels, layout, a, b, np.empty((4, 3), np.float32))
        with pytest.raises(ValueError, match=r"b_(KN|NK): expected"):
            product(kernels, layout, other_a, b, np.empty((3, 4), np.float32))
