"""Random bits by counting: known answers, equal bits, even spread, and shuffles that are permutations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, native, philox

# Random123's known answers for philox4x32-10: counter, key, block.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]
SEEDS = st.integers(0, (1 << 64) - 1)
WORDS = st.integers(0, (1 << 32) - 1)


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "block"), KNOWN)
def test_known_answers(twins, counter, key, block):
    for _, kernels in twins.each():
        out = np.empty((1, 4), np.uint32)
        kernels.philox(*words(key), *words(counter), out)
        assert out[0].tolist() == words(block)


@given(key=st.tuples(WORDS, WORDS), rest=st.tuples(WORDS, WORDS, WORDS), num_blocks=st.integers(0, 40))
def test_twin_is_bit_equal(twins, key, rest, num_blocks):
    assert twins.agree("philox", *key, 17, *rest, np.empty((num_blocks, 4), np.uint32))


def test_twin_is_bit_equal_on_several_tasks(twins):
    assert twins.agree("philox", 1, 2, 3, 4, 5, 6, np.empty((10_000, 4), np.uint32), threads=(1, 2, 3))
    assert twins.agree("uniform", 1, 2, 0.5, np.empty(30_001, np.float32), threads=(1, 2, 3))
    assert twins.agree("permutation", 1, 2, 3, 10_001, threads=(1, 2, 3))


def test_nine_rounds_are_noticed(twins, monkeypatch):
    monkeypatch.setattr(philox, "NUM_ROUNDS", 9)
    assert not twins.agree("philox", 1, 2, 3, 4, 5, 6, np.empty((1, 4), np.uint32))


def test_a_block_depends_on_its_counter_only(twins):
    for _, kernels in twins.each():
        together, alone = np.empty((9, 4), np.uint32), np.empty((1, 4), np.uint32)
        kernels.philox(1, 2, 100, 4, 5, 6, together)
        kernels.philox(1, 2, 107, 4, 5, 6, alone)
        assert np.array_equal(together[7:8], alone)


def test_a_word_that_does_not_fit_is_refused_by_both_sides():
    out = np.empty((2, 4), np.uint32)
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="key1: expected 0 to 4294967295, got -1"):
            kernels.philox(0, -1, 0, 0, 0, 0, out)
        with pytest.raises(ValueError, match=r"counter0 \+ B - 1: expected 0 to 4294967295, got 4294967296"):
            kernels.philox(0, 0, (1 << 32) - 1, 0, 0, 0, out)


@given(seed=SEEDS, purpose=WORDS, half_width=st.floats(2.0**-20, 8, width=32), size=st.integers(0, 50))
def test_uniform_is_bit_equal(twins, seed, purpose, half_width, size):
    assert twins.agree("uniform", seed, purpose, half_width, np.empty(size, np.float32), offset=size % 4)


def test_a_weight_depends_on_its_own_index_only():
    long, short = np.empty((40, 25), np.float32), np.empty(37, np.float32)
    native().uniform(5, 6, 0.25, long)
    native().uniform(5, 6, 0.25, short)
    assert np.array_equal(long.reshape(-1)[:37], short)


def test_weights_spread_evenly_and_are_never_zero():
    x = np.empty(1_000_000, np.float32)
    native().uniform(5, 6, 0.25, x)
    assert (x != 0).all()
    assert np.abs(x).max() < 0.25
    counts, _ = np.histogram(x, bins=100, range=(-0.25, 0.25))
    # 100 bins of 10,000 with deviation 99.5: chi-square with 99 degrees of freedom stays below 160 (p = 1e-4).
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 160


def test_another_seed_or_purpose_gives_other_weights():
    base, other = np.empty(100, np.float32), np.empty(100, np.float32)
    native().uniform(5, 6, 0.25, base)
    for seed, purpose in [(4, 6), (5, 7), (5 + (1 << 32), 6), (6, 5)]:
        native().uniform(seed, purpose, 0.25, other)
        assert (base != other).all()


@pytest.mark.parametrize("half_width", [0.0, -1.0, 2.0**-101, float("inf"), float("nan")])
def test_a_half_width_without_a_grid_is_refused_by_both_sides(half_width):
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match="half_width: expected"):
            kernels.uniform(1, 2, half_width, np.empty(3, np.float32))


@given(seed=SEEDS, purpose=WORDS, epoch=WORDS, num_items=st.integers(0, 70))
def test_a_shuffle_is_a_permutation_and_the_same_everywhere(twins, seed, purpose, epoch, num_items):
    assert twins.agree("permutation", seed, purpose, epoch, num_items)
    order = native().permutation(seed, purpose, epoch, num_items)
    assert order.dtype == np.int64
    assert np.array_equal(np.sort(order), np.arange(num_items))


def test_another_epoch_is_another_order():
    orders = {tuple(native().permutation(1, 2, epoch, 100)) for epoch in range(50)}
    assert len(orders) == 50


def test_every_order_of_three_items_is_about_as_likely():
    orders = [tuple(native().permutation(1, 2, epoch, 3)) for epoch in range(6000)]
    counts = np.array([orders.count(order) for order in set(orders)])
    assert len(counts) == 6
    # Chi-square with 5 degrees of freedom stays below 26 (p = 1e-4).
    assert ((counts - 1000) ** 2 / 1000).sum() < 26


def test_items_with_equal_bits_stay_in_order_of_number_by_the_definition(twins, monkeypatch):
    """Enough of them that a sort which is not stable shows it. No seed is known that gives two items of a twin equal
    bits, so that the twin's radix sort is stable by its reading alone."""
    few = np.random.default_rng(0).integers(0, 2, 2000).astype(np.uint32)
    monkeypatch.setattr(philox, "words_of", lambda *_: few)
    order = twins.definitions.permutation(1, 2, 3, 1000)
    bits = few.reshape(1000, 2)[order] @ [2, 1]
    assert (np.diff(bits.astype(np.int64) * 1000 + order) > 0).all()
