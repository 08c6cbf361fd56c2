"""Products by integers: definition and twin have equal bits, sums have no order, and the error is the stated one."""

from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import integer_matmul, matmul, native
from glasswright.kernels.integer_matmul import MAX_Q, MIN_EXPONENT, integer_product, integer_sum, quantized, slices

LAYOUTS = ("nn", "nt", "tn")
EDGES = (0, 1, 2, 3, 5, 6, 7, 12, 15, 16, 17, 31, 32, 33, 47, 65)  # around groups, tiles, strips and panels
SHAPES = {"nn": ("MK", "KN"), "nt": ("MK", "NK"), "tn": ("KM", "KN")}


def operands(layout, M, N, K, seed, values=None, spread=0.0):
    """(a, b, out), out holding NaN; magnitudes `spread` e-folds about one."""
    rng, sizes = np.random.default_rng(seed), {"M": M, "N": N, "K": K}
    shapes = [tuple(sizes[axis] for axis in axes) for axes in SHAPES[layout]]
    if values is not None:
        drawn = [rng.choice(values, shape) for shape in shapes]
    else:
        drawn = [rng.standard_normal(shape) * np.exp(spread * rng.standard_normal(shape)) for shape in shapes]
    return *(x.astype(np.float32) for x in drawn), np.full((M, N), np.nan, np.float32)


def run(kernels, layout, a, b):
    M, N = a.shape[layout == "tn"], b.shape[layout != "nt"]
    out = np.full((M, N), np.nan, np.float32)
    getattr(kernels, f"integer_matmul_{layout}")(a, b, out)
    return out


def byte_units():
    """Those that some instruction set of this machine has beside it; beside the others each stands for none."""
    units = ("none", "vnni", "dotprod", "amx", "emulated_amx")
    return [unit for unit in units if any(unit in native(isa).byte_units() for isa in native().supported_isas())]


@pytest.fixture(autouse=True)
def _restore_byte_unit():
    yield
    native().use_byte_unit(None)


def agree(twins, layout, *arrays, **how):
    """By every unit that multiplies bytes here, AMX's emulation among them, and by none."""

    def agree_by(unit):
        native().use_byte_unit(unit)
        return twins.agree(f"integer_matmul_{layout}", *arrays, **how)

    return all(map(agree_by, byte_units()))


@given(
    layout=st.sampled_from(LAYOUTS),
    M=st.sampled_from(EDGES),
    N=st.sampled_from(EDGES),
    K=st.sampled_from(EDGES),
    offset=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_twin_is_bit_equal_at_every_edge(twins, layout, M, N, K, offset, seed):
    assert agree(twins, layout, *operands(layout, M, N, K, seed, spread=4), offset=offset)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("K", [511, 512, 513, 1024, 1030])
def test_twin_is_bit_equal_around_whole_chunks(twins, layout, K):
    assert agree(twins, layout, *operands(layout, 17, 33, K, seed=K))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_twin_is_bit_equal_in_several_blocks(twins, layout):
    assert agree(twins, layout, *operands(layout, 1040, 290, 20, seed=1), threads=(1, 2, 3))
    assert agree(twins, layout, *operands(layout, 200, 20, 20, seed=1), threads=(1, 2, 3))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_twin_is_bit_equal_at_special_values(twins, specials, layout):
    for values in (specials, specials[:-4], specials[:8]):  # with NaN, finite, tiny
        assert agree(twins, layout, *operands(layout, 17, 35, 9, seed=2, values=values))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_sum_saturates_where_every_integer_is_at_its_end(twins, layout):
    ends = np.array([MAX_Q, -MAX_Q], np.float32)
    for a_end, b_end in ((ends[:1], ends[:1]), (ends[:1], ends[1:]), (ends[1:], ends[1:]), (ends, ends)):
        a, b, out = operands(layout, 7, 17, 512, seed=3, values=a_end)
        b = np.random.default_rng(4).choice(b_end, b.shape)
        assert agree(twins, layout, a, b, out)


def test_the_largest_sum_of_a_chunk_is_exact():
    row = np.full((1, 512), MAX_Q, np.float32)
    (q,), (scale,) = quantized(row)
    assert (q == MAX_Q).all()
    whole = integer_sum(q[None], q[None]).item()
    assert whole == 512 * (256 * 127 * 127 + 2 * 127 * 127) < 2**31
    assert integer_product(row, row.T).item() == float(np.float32(whole)) * float(scale) ** 2


def test_a_sum_of_131072_terms_at_the_end_is_that_of_256_chunks():
    K = 131_072
    for isa in native().supported_isas():
        twin = native(isa)
        for unit in twin.byte_units():
            twin.use_byte_unit(unit)
            chunk, whole = (run(twin, "nt", x, -x) for x in (np.full((2, k), MAX_Q, np.float32) for k in (512, K)))
            assert np.array_equal(whole, reduce(np.add, [chunk] * (K // 512))), (isa, unit)


def test_a_row_ends_below_the_integer_that_its_high_slice_has_no_room_for():
    tie = np.float32((MAX_Q + 0.5) / 2**14)  # rounds to the even neighbour, MAX_Q + 1: takes the next power of two
    below = np.nextafter(tie, np.float32(0))
    assert [quantized(np.array([[x]], np.float32))[0].item() for x in (below, tie)] == [MAX_Q, (MAX_Q + 1) // 2]


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_integers_and_scale_are_within_half_a_place_of_the_numbers(row):
    (q,), (scale,) = quantized(np.array([row], np.float32))
    hi, lo = slices(q)
    assert abs(q).max() <= MAX_Q
    assert abs(hi).max() <= 127
    assert (lo >= -128).all()
    assert (lo <= 127).all()
    place = Fraction(float(scale)) / 16  # 2^(e-14)
    assert all(abs(int(q_k) * place - Fraction(x)) <= place / 2 for q_k, x in zip(q, row, strict=True))
    assert abs(q).max() >= MAX_Q // 2 or place == Fraction(2) ** (MIN_EXPONENT - 14)


numbers = st.floats(min_value=-(2.0**60), max_value=2.0**60, width=32)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12))
def test_error_stays_within_the_documented_bound(pairs):
    a, b = (np.array([side], np.float32) for side in zip(*pairs, strict=True))
    exact = sum(Fraction(float(x)) * Fraction(float(y)) for x, y in zip(a[0], b[0], strict=True))
    largest = [Fraction(max(float(abs(x).max()), 2.0**-112)) for x in (a, b)]
    bound = Fraction(101, 100) * len(pairs) * largest[0] * largest[1] / 2**13
    found = Fraction(integer_product(a, b.T).item())
    assert abs(found - exact) <= bound + (abs(exact) + bound) / 2**24 + Fraction(2) ** -149


def test_a_sum_has_no_order_within_a_chunk_and_has_one_between_chunks():
    a, b, _ = operands("nt", 5, 20, 1536, seed=5, spread=2)
    rng = np.random.default_rng(6)
    within = np.concatenate([first + rng.permutation(512) for first in (0, 512, 1024)])
    wanted = run(native(), "nt", a, b)
    assert np.array_equal(run(native(), "nt", a[:, within].copy(), b[:, within].copy()), wanted)
    between = np.r_[1, 512, 2:512, 0, 513:1536]
    assert not np.array_equal(run(native(), "nt", a[:, between].copy(), b[:, between].copy()), wanted)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_makes_its_row_and_its_column_nan(twins, layout, value):
    a, b, _ = operands(layout, 20, 40, 30, seed=7)
    a[(7, 3) if layout == "tn" else (3, 7)] = value
    b[(9, 4) if layout == "nt" else (4, 9)] = value
    for name, kernels in twins.each():
        is_nan = np.isnan(run(kernels, layout, a, b))
        assert is_nan[3].all(), name
        assert is_nan[:, 9].all(), name
        assert is_nan.sum() == 20 + 40 - 1, name


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sum_of_nothing_and_one_of_zeros_are_positive_zero(twins, layout):
    for name, kernels in twins.each():
        assert not run(kernels, layout, *operands(layout, 3, 4, 0, seed=0)[:2]).view(np.uint32).any(), name
        zeros, b, _ = operands(layout, 3, 4, 5, seed=0)
        assert not run(kernels, layout, -0 * zeros, b).view(np.uint32).any(), name


def test_a_row_of_outputs_depends_on_its_own_row_alone():
    a, b, _ = operands("nt", 40, 33, 700, seed=8, spread=2)
    wanted = run(native(), "nt", a, b)
    for m in (0, 17, 39):
        assert np.array_equal(run(native(), "nt", a[m : m + 1].copy(), b), wanted[m : m + 1])


SABOTAGE = {
    "one integer off": ("quantized", lambda x, q=quantized: (q(x)[0] + np.eye(*x.shape, dtype=int), q(x)[1])),
    "slices swapped": ("slices", lambda q, s=slices: s(q)[::-1]),
    "the sum cut off instead of rounded": (
        "nearest", lambda i: np.nextafter(i.astype(np.float32), np.float32(0)) * (i.astype(np.float32) != 0)
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SABOTAGE)
def test_this_is_noticed(twins, monkeypatch, what):
    monkeypatch.setattr(integer_matmul, *SABOTAGE[what])
    assert not agree(twins, "nt", *operands("nt", 5, 6, 600, seed=9))


def test_another_rounding_of_operands_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(integer_matmul.np, "rint", np.trunc)
    assert not agree(twins, "nt", *operands("nt", 5, 6, 600, seed=10))


def test_another_chunk_length_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(matmul, "CHUNK", 256)
    assert not agree(twins, "nn", *operands("nn", 5, 6, 600, seed=11, spread=2))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_operands_that_do_not_fit_are_refused_by_name(twins, layout):
    a, b, out = operands(layout, 3, 4, 5, seed=0)
    other_a, _, _ = operands(layout, 3, 4, 6, seed=0)
    for _, kernels in twins.each():
        kernel = getattr(kernels, f"integer_matmul_{layout}")
        with pytest.raises(ValueError, match=r"out_MN: expected .*shape \(3, 4\), got .*\(4, 3\)"):
            kernel(a, b, np.empty((4, 3), np.float32))
        with pytest.raises(ValueError, match=r"b_(KN|NK): expected"):
            kernel(other_a, b, out)
