"""Looks at many numbers: the first bad one is found wherever it is, by definition and twins alike, without NumPy."""

import array
import mmap
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, looks, native

NAN, INFINITY = float("nan"), float("inf")
BLOCK = 1 << 12
SIZES = [0, 1, 2, 15, 16, 17, 63, 64, 65, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5]
FLOATS = st.one_of(
    st.floats(width=32),
    st.sampled_from([0.0, -0.0, 2.0**-149, -(2.0**-149), 1.0, -1.0, 2.0**127, -(2.0**127), NAN, INFINITY, -INFINITY]),
)
FACTORS = st.sampled_from([0.0, 1.0, -1.0, 0.9, 0.999, 1e-300, 1e300, 2.0**-149, NAN, INFINITY])


def everywhere(twins, name: str, *arguments: object) -> int:
    """What all sides find, which is one answer."""
    found = {side: getattr(kernels, name)(*arguments) for side, kernels in twins.each()}
    assert len(set(found.values())) == 1, found
    return found["definition"]


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize("size", SIZES)
def test_an_id_at_the_limit_is_found_wherever_it_is(twins, dtype, size):
    for place in {p for p in (0, 1, size // 2, size - 1) if 0 <= p < size}:
        ids = np.full(size, 999, dtype)
        assert everywhere(twins, "first_not_below", ids, 1000) == -1
        ids[place:] = 1000
        assert everywhere(twins, "first_not_below", ids, 1000) == place
    assert everywhere(twins, "first_not_below", np.zeros(size, dtype), 0) == (0 if size else -1)


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_the_largest_ids_are_told_from_limits_beyond_them(twins, dtype):
    largest = int(np.iinfo(dtype).max)
    ids = np.array([0, largest], dtype)
    assert everywhere(twins, "first_not_below", ids, largest) == 1
    for limit in (largest + 1, largest + 2, 2 * largest + 1, 2**62):
        assert everywhere(twins, "first_not_below", ids, limit) == -1


# A look, its arguments, and what to put in the array named last so that it finds it.
ORDINARY = np.float32(0.5)
BAD = {
    "first_not_finite": [NAN, INFINITY, -INFINITY],
    "first_above": [NAN, INFINITY, -INFINITY, 1.0000001, -1.0000001],
    "first_shrunk": [NAN, -INFINITY, -(2.0**-149), 0.24999999],
    "first_moved": [NAN, INFINITY, -INFINITY, 1.2500001, -0.7500001],
}
NUMBERS = {"first_not_finite": [], "first_above": [1.0], "first_shrunk": [0.5, 0.0], "first_moved": [0.5, 1.0]}


@pytest.mark.parametrize(("name", "bad"), [(name, bad) for name in BAD for bad in BAD[name]])
def test_a_bad_number_is_found_wherever_it_is(twins, name, bad):
    for size in SIZES[1:]:
        for place in {p for p in (0, size // 2, size - 1) if p < size}:
            after = np.full(size, ORDINARY)
            arrays = [after] if name in ("first_not_finite", "first_above") else [np.full(size, ORDINARY), after]
            assert everywhere(twins, name, *arrays, *NUMBERS[name]) == -1
            after[place] = bad
            assert everywhere(twins, name, *arrays, *NUMBERS[name]) == place


@pytest.mark.parametrize("name", ["first_shrunk", "first_moved"])
def test_nan_before_is_found_as_well(twins, name):
    before, after = np.full(100, ORDINARY), np.full(100, ORDINARY)
    before[77] = NAN
    assert everywhere(twins, name, before, after, *NUMBERS[name]) == 77


def test_a_number_at_the_bound_is_not_found(twins):
    one, half, quarter = (np.full(9, x, np.float32) for x in (1.0, 0.5, 0.25))
    assert everywhere(twins, "first_above", -one, 1.0) == -1
    assert everywhere(twins, "first_shrunk", half, quarter, 0.5, 0.0) == -1
    assert everywhere(twins, "first_shrunk", half, quarter, 0.75, 0.125) == -1
    assert everywhere(twins, "first_shrunk", half, quarter, 0.75, 0.1249) == 0
    assert everywhere(twins, "first_shrunk", half, -0.0 * half, 0.0, 0.0) == -1
    assert everywhere(twins, "first_moved", half, quarter + one, 0.5, 1.0) == -1


def test_products_are_of_binary64_and_not_fused(twins):
    """0.999 before, rounded to binary64, is met exactly; as binary32, or exact, it would be missed."""
    before = np.random.default_rng(0).random(10_000).astype(np.float32)
    moved = np.abs(before.astype(np.float64) - 0.999 * before.astype(np.float64))
    for i in range(0, 10_000, 97):
        pair = before[i : i + 1], before[i : i + 1]
        assert everywhere(twins, "first_moved", *pair, 0.999, float(moved[i])) == -1
        assert everywhere(twins, "first_moved", *pair, 0.999, float(np.nextafter(moved[i], 0))) == 0


@given(pairs=st.lists(st.tuples(FLOATS, FLOATS), max_size=40), factor=FACTORS, most=FACTORS)
def test_all_sides_find_the_same(twins, pairs, factor, most):
    before, after = (np.array([pair[k] for pair in pairs], np.float32) for k in (0, 1))
    everywhere(twins, "first_not_finite", before)
    everywhere(twins, "first_above", before, most)
    everywhere(twins, "first_shrunk", before, after, factor, most)
    everywhere(twins, "first_moved", before, after, factor, most)


def test_a_definition_that_forgets_nan_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(looks, "first", lambda _: -1)
    with pytest.raises(AssertionError):
        everywhere(twins, "first_above", np.array([0, NAN], np.float32), 1.0)


def test_memory_may_begin_anywhere_and_be_of_any_kind(twins, tmp_path):
    numbers = np.arange(1000, dtype=np.float32)
    raw = numbers.tobytes()
    file = tmp_path / "numbers"
    file.write_bytes(b"x" + raw)
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        buffers = [memoryview(b"." * start + raw)[start:].cast("f") for start in range(9)]
        buffers += [array.array("f", raw), memoryview(mapped)[1:].cast("f"), memoryview(bytearray(raw)).cast("f")]
        for buffer in buffers:
            assert everywhere(twins, "first_above", buffer, 776.5) == 777
            assert everywhere(twins, "first_shrunk", buffer, numbers, 0.5, 0.0) == -1
        del buffer, buffers
        mapped.close()
    for format_, ids in (("H", np.arange(1000, dtype=np.uint16)), ("I", np.arange(1000, dtype=np.uint32))):
        for start in range(5):
            buffer = memoryview(b"." * start + ids.tobytes())[start:].cast(format_)
            assert everywhere(twins, "first_not_below", buffer, 777) == 777


def test_both_sides_look_without_numpy():
    program = """
import sys
sys.modules["numpy"] = sys.modules["torch"] = None
from glasswright.kernels import looks, native
raw = bytes(3) + bytes(4000)
floats, ids = memoryview(raw)[3:].cast("f"), memoryview(raw)[3:].cast("H")
for isa in (None, *native().supported_isas()):
    side = native(isa) if isa else looks
    assert side.first_not_below(ids, 1) == -1 and side.first_not_below(ids, 0) == 0
    assert side.first_not_finite(floats) == -1 and side.first_above(floats, 0.0) == -1
    assert side.first_shrunk(floats, floats, 0.5, 0.0) == -1 and side.first_moved(floats, floats, 0.5, 0.0) == -1
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_two_arrays_of_different_length_are_refused_by_both_sides():
    x = np.zeros(5, np.float32)
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="after_N: expected .*5.*4"):
            kernels.first_shrunk(x, x[:4].copy(), 0.5, 0.0)


def test_other_numbers_than_ids_are_refused_by_both_sides():
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="ids_N: expected .*uint16"):
            kernels.first_not_below(np.zeros(5, np.int64), 5)


SPELLED, ENDS = np.frombuffer(b"\xffababc", np.uint8), np.array([1, 2, 4, 6], np.uint32)  # ff, a, ba, bc


def misspelt(twins, ids: list[int], text: bytes, dtype: type = np.uint16, ends: object = ENDS) -> int:
    return everywhere(twins, "first_misspelt", np.array(ids, dtype), ends, SPELLED, np.frombuffer(text, np.uint8))


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_tokens_that_spell_a_text_are_told_from_those_that_do_not(twins, dtype):
    assert misspelt(twins, [1, 2, 3, 1], b"ababca", dtype) == -1
    assert misspelt(twins, [], b"", dtype) == -1
    assert misspelt(twins, [1, 2, 3, 1], b"ababcb", dtype) == 3  # another byte
    assert misspelt(twins, [1, 3, 3, 1], b"ababca", dtype) == 1  # another token
    assert misspelt(twins, [1, 2, 3], b"ababca", dtype) == 3  # the text goes on
    assert misspelt(twins, [1, 2, 3, 1], b"ababc", dtype) == 3  # the tokens go on
    assert misspelt(twins, [1, 2, 3], b"abab", dtype) == 2  # and end within one
    assert misspelt(twins, [1, 4], b"aa", dtype) == 1  # no such token
    assert misspelt(twins, [1, int(np.iinfo(dtype).max)], b"aa", dtype) == 1


def test_ends_that_do_not_rise_or_lead_beyond_the_bytes_spell_nothing(twins):
    assert misspelt(twins, [1], b"a", ends=np.array([3, 1], np.uint32)) == 0
    assert misspelt(twins, [0], b"\xffababca", ends=np.array([7], np.uint32)) == 0


@given(st.lists(st.integers(0, 4), max_size=40), st.binary(max_size=60))
def test_what_is_misspelt_is_the_same_everywhere(twins, ids, text):
    misspelt(twins, ids, text)


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(0, 79), st.integers(1, 255))
def test_a_changed_byte_of_a_spelt_text_is_found_in_its_token(twins, ids, at, change):
    tokens = [bytes(SPELLED[begin:end]) for begin, end in zip([0, *ENDS[:-1]], ENDS, strict=True)]
    text = bytearray(b"".join(tokens[id_] for id_ in ids))
    assert misspelt(twins, ids, bytes(text)) == -1
    if at < len(text):
        text[at] ^= change
        lengths = np.cumsum([len(tokens[id_]) for id_ in ids])
        assert misspelt(twins, ids, bytes(text)) == int(np.searchsorted(lengths, at, side="right"))
