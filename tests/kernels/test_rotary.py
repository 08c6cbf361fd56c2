"""Rotary position embedding: equal bits, a rotation that its gradient undoes, and what must be noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, native

NAMES = ["rotary", "rotary_backward", "rotary_interleaved", "rotary_interleaved_backward"]


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def frequencies(pairs: int) -> np.ndarray:
    return (10000.0 ** -(np.arange(pairs) / pairs)).astype(np.float32)


def table(positions: int, pairs: int, first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    cos, sin = np.empty((positions, pairs), np.float32), np.empty((positions, pairs), np.float32)
    native().rotary_table(frequencies(pairs), first, cos, sin)
    return cos, sin


@given(
    sequences=st.integers(0, 3),
    positions=st.integers(1, 9),
    heads=st.integers(1, 3),
    pairs=st.integers(0, 35),
    num_copied=st.integers(0, 20),
    offset=st.integers(0, 3),
)
def test_twins_are_bit_equal_for_every_shape(twins, sequences, positions, heads, pairs, num_copied, offset):
    x = floats(sequences * positions, heads, 2 * pairs + num_copied)
    cos, sin = table(positions, pairs)
    for name in NAMES:
        assert twins.agree(name, x, cos, sin, np.empty_like(x), offset=offset)


def test_twins_are_bit_equal_on_several_tasks(twins):
    x = floats(300, 3, 34)
    for name in NAMES:
        assert twins.agree(name, x, *table(100, 17), np.empty_like(x), threads=(1, 2, 3))


def test_twins_are_bit_equal_at_special_values(twins, specials):
    size = len(specials)
    x = np.resize(specials, (size, 1, 2 * size))
    cos, sin = np.resize(specials[::-1], (size, size)), np.resize(np.roll(specials, 3), (size, size))
    for name in NAMES:
        assert twins.agree(name, x, cos, sin, np.empty_like(x), threads=(1,))


@pytest.mark.parametrize("first", [0, 1000, (1 << 24) - 40])
def test_tables_are_bit_equal_up_to_the_last_position(twins, first):
    cos = np.empty((40, 33), np.float32)
    assert twins.agree("rotary_table", frequencies(33), first, cos, cos.copy())


def test_the_table_holds_cosines_and_sines_of_position_times_frequency():
    cos, sin = table(2000, 16)
    angle = (np.arange(2000, dtype=np.float32)[:, None] * frequencies(16)).astype(np.float64)
    assert np.abs(cos - np.cos(angle)).max() < 2.0**-24  # 1 ULP just below 1
    assert np.abs(sin - np.sin(angle)).max() < 2.0**-24


def test_a_table_does_not_depend_on_where_it_begins():
    cos, sin = table(50, 8)
    later_cos, later_sin = table(20, 8, first=30)
    assert np.array_equal(cos[30:], later_cos)
    assert np.array_equal(sin[30:], later_sin)


def test_channels_are_paired_by_halves():
    x = floats(4, 1, 6).astype(np.float64)
    cos, sin = table(4, 3)
    out = np.empty((4, 1, 6), np.float32)
    native().rotary(x.astype(np.float32), cos, sin, out)
    rotated_half = np.concatenate([-x[..., 3:], x[..., :3]], axis=-1)
    both = [np.concatenate([t, t], axis=-1)[:, None, :] for t in (cos, sin)]
    assert np.abs(out - (x * both[0] + rotated_half * both[1])).max() < 1e-6


def test_interleaved_pairs_are_those_of_halves_put_side_by_side(twins):
    x, (cos, sin) = floats(12, 2, 10), table(6, 5)
    side_by_side = np.stack([x[..., :5], x[..., 5:]], axis=-1).reshape(x.shape)
    for _, kernels in twins.each():
        halves, interleaved = np.empty_like(x), np.empty_like(x)
        kernels.rotary(x, cos, sin, halves)
        kernels.rotary_interleaved(side_by_side, cos, sin, interleaved)
        assert np.array_equal(interleaved, np.stack([halves[..., :5], halves[..., 5:]], axis=-1).reshape(x.shape))


@pytest.mark.parametrize("name", NAMES)
def test_channels_that_the_table_does_not_reach_are_copied(twins, name):
    x, (cos, sin) = floats(12, 2, 13), table(6, 5)
    for _, kernels in twins.each():
        partial, whole, turned = np.empty_like(x), np.empty((12, 2, 10), np.float32), x.copy()
        getattr(kernels, name)(x, cos, sin, partial)
        getattr(kernels, name)(x[..., :10].copy(), cos, sin, whole)
        getattr(kernels, name)(turned, cos, sin, turned)
        assert np.array_equal(partial, np.concatenate([whole, x[..., 10:]], axis=-1))
        assert np.array_equal(turned, partial)


@pytest.mark.parametrize("name", ["rotary", "rotary_interleaved"])
def test_the_gradient_is_the_transposed_rotation(name):
    x, dout = floats(10, 2, 9), floats(10, 2, 9, seed=1)
    cos, sin = table(10, 4)
    out, dx = np.empty_like(x), np.empty_like(x)
    getattr(native(), name)(x, cos, sin, out)
    getattr(native(), f"{name}_backward")(dout, cos, sin, dx)
    # The map is linear, so <dout, A x> = <A' dout, x>; each side adds 180 products of numbers near 1.
    assert abs((dout.astype(np.float64) * out).sum() - (dx.astype(np.float64) * x).sum()) < 1e-5


def test_the_last_bits_of_one_sine_are_noticed(twins):
    x = floats(6, 2, 8)
    cos, sin = table(6, 4)
    moved = sin.copy()
    moved[5, 3] = np.nextafter(moved[5, 3], np.float32(9)) * np.float32(1 + 2.0**-18)
    wanted = twins.run(twins.definitions, "rotary", x, cos, sin, np.empty_like(x))[3]
    for isa in twins.isas:
        assert not np.array_equal(twins.run(native(isa), "rotary", x, cos, moved, np.empty_like(x))[3], wanted)


def test_a_position_that_binary32_cannot_count_is_refused_by_both_sides():
    cos = np.empty((2, 4), np.float32)
    for kernels in (definitions(), native()):
        for first in (-1, (1 << 24) - 1, (1 << 63) - 1):
            with pytest.raises(ValueError, match="first_position: expected positions from 0 to 16777215"):
                kernels.rotary_table(frequencies(4), first, cos, cos.copy())


def test_a_head_of_fewer_channels_than_the_table_turns_is_refused_by_both_sides():
    x = floats(2, 1, 5)
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="x_RHE: expected a head of at least 6 channels .* got a head of 5"):
            kernels.rotary(x, *table(2, 3), np.empty_like(x))
