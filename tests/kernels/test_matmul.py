"""Matrix products: definition and twin have equal bits on every instruction set, for any number of threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glasswright.kernels import definitions, native

ISAS = native().supported_isas()
LAYOUTS = ("nn", "nt", "tn")
# 0, 1, around the tiles of 6 and 14 rows and the panels of 8, 16 and 32 columns, and one beyond two panels.
EDGES = (0, 1, 2, 5, 6, 7, 13, 14, 15, 16, 17, 29, 31, 32, 33, 65)
SPECIALS = np.array([0.0, -0.0, 1e-45, -1e-45, 1e-39, -3e-39, 1e-20, -1e-20, 1.0, -1.0, 3e38, np.inf], np.float32)


@pytest.fixture(autouse=True)
def _restore_kernels():
    yield
    native().set_num_threads(1)
    native(ISAS[-1])


def bits(x):
    """Bit patterns, every NaN as one."""
    return np.where(np.isnan(x), np.uint32(0x7FC00000), x.view(np.uint32))


def misaligned(shape, offset):
    """An uninitialised float32 array that starts `offset` floats after a 64-byte boundary."""
    size = int(np.prod(shape))
    memory = np.empty(size + 32, np.float32)
    start = (-memory.ctypes.data // 4) % 16 + offset
    return memory[start : start + size].reshape(shape)


def operands(layout, M, N, K, seed, offset=0, values=None):
    rng = np.random.default_rng(seed)
    shapes = {"nn": ((M, K), (K, N)), "nt": ((M, K), (N, K)), "tn": ((K, M), (K, N))}[layout]
    pair = []
    for shape in shapes:
        x = misaligned(shape, offset)
        x[...] = rng.standard_normal(shape) if values is None else rng.choice(values, shape)
        pair.append(x)
    return pair


def product(kernels, layout, a, b, offset=0):
    M, N = a.shape[layout == "tn"], b.shape[layout != "nt"]
    out = misaligned((M, N), offset)
    out[...] = np.nan
    getattr(kernels, f"matmul_{layout}")(a, b, out)
    return out


def assert_twin_agrees(layout, a, b, threads=1, offset=0):
    wanted = product(definitions(), layout, a, b)
    for isa in ISAS:
        twin = native(isa)
        twin.set_num_threads(threads)
        assert np.array_equal(bits(product(twin, layout, a, b, offset)), bits(wanted)), isa


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    layout=st.sampled_from(LAYOUTS),
    M=st.sampled_from(EDGES),
    N=st.sampled_from(EDGES),
    K=st.sampled_from(EDGES),
    threads=st.integers(1, 3),
    offset=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_twin_is_bit_equal_at_every_edge(layout, M, N, K, threads, offset, seed):
    a, b = operands(layout, M, N, K, seed, offset)
    assert_twin_agrees(layout, a, b, threads, offset)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("K", [511, 512, 513, 1024, 1030])
def test_twin_is_bit_equal_around_whole_chunks(layout, K):
    assert_twin_agrees(layout, *operands(layout, 15, 33, K, seed=K))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_twin_is_bit_equal_in_several_blocks_on_several_threads(layout):
    assert_twin_agrees(layout, *operands(layout, 270, 290, 20, seed=1), threads=3)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_twin_is_bit_equal_for_zeros_subnormals_and_infinities(layout):
    for seed in range(5):
        assert_twin_agrees(layout, *operands(layout, 17, 35, 9, seed, values=SPECIALS))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_nan_reaches_exactly_its_row(layout):
    a, b = operands(layout, 20, 40, 30, seed=2)
    a[(7, 3) if layout == "tn" else (3, 7)] = np.nan
    for isa in ISAS:
        assert np.array_equal(np.isnan(product(native(isa), layout, a, b)).any(axis=1), np.arange(20) == 3)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sum_of_nothing_is_positive_zero(layout):
    a, b = operands(layout, 3, 4, 0, seed=0)
    for kernels in [definitions(), *map(native, ISAS)]:
        assert not product(kernels, layout, a, b).view(np.uint32).any()


def test_one_ulp_in_one_operand_is_noticed():
    a, b = operands("nn", 15, 33, 40, seed=3)
    wanted = product(definitions(), "nn", a, b)
    a[14, 39] = np.nextafter(a[14, 39], np.float32(np.inf))
    for isa in ISAS:
        assert not np.array_equal(bits(product(native(isa), "nn", a, b)), bits(wanted)), isa


def test_another_order_of_terms_is_noticed():
    a, b = operands("nn", 15, 33, 40, seed=4)
    wanted = product(definitions(), "nn", a, b)
    order = np.r_[1, 0, 2:40]
    a, b = np.ascontiguousarray(a[:, order]), np.ascontiguousarray(b[order])
    for isa in ISAS:
        assert not np.array_equal(bits(product(native(isa), "nn", a, b)), bits(wanted)), isa


def test_another_chunk_length_is_noticed(monkeypatch):
    a, b = operands("nn", 5, 6, 600, seed=5)
    monkeypatch.setattr("glasswright.kernels.matmul.CHUNK", 256)
    wanted = product(definitions(), "nn", a, b)
    for isa in ISAS:
        assert not np.array_equal(bits(product(native(isa), "nn", a, b)), bits(wanted)), isa


def test_error_stays_within_the_documented_bound():
    a, b = operands("nn", 20, 30, 1300, seed=6)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    bound = (512 + 1300 / 512) * 2.0**-24 * (abs(a).astype(np.float64) @ abs(b).astype(np.float64))
    assert (abs(product(native(), "nn", a, b) - exact) <= bound).all()


@pytest.mark.parametrize("kernels", ["definition", "twin"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_operands_that_do_not_fit_are_refused_by_name(kernels, layout):
    kernel = getattr(definitions() if kernels == "definition" else native(), f"matmul_{layout}")
    a, b = operands(layout, 3, 4, 5, seed=0)
    with pytest.raises(ValueError, match=r"out_MN: expected .*shape \(3, 4\), got .*\(4, 3\)"):
        kernel(a, b, np.empty((4, 3), np.float32))
    a, _ = operands(layout, 3, 4, 6, seed=0)
    with pytest.raises(ValueError, match=r"b_(KN|NK): expected"):
        kernel(a, b, np.empty((3, 4), np.float32))
